import { invariant } from "./invariant.ts";
import type { MeterName, PlanRevision, Units } from "./plan.ts";
import type { TenantId } from "./tenant.ts";
import { dayOf, hourOf, minuteOf } from "./window.ts";

/** Units of one meter, attributed to the tenant, plan version, billing period and API key. */
export interface UsageEntry {
  readonly tenantId: TenantId;
  readonly meter: MeterName;
  readonly planRevision: PlanRevision;
  readonly periodId: string;
  readonly keyId: string;
  readonly units: Units;
  /** The instance out of whose lease on a hard quota the units come. */
  readonly leasedBy?: string;
}

/** What one commit of one instance made durable. */
export interface Segment {
  /** 0, 1, 2, … within the ring. */
  readonly seq: number;
  readonly windowStartMs: number;
  readonly entries: readonly UsageEntry[];
  /** All units of this ring up to and including this segment: evidence that no fold can bend. */
  readonly cumulativeUnits: Units;
}

/** A line of the books: everything that is billed at one price in one period. */
export interface LineId {
  readonly tenantId: TenantId;
  readonly meter: MeterName;
  readonly planRevision: PlanRevision;
  readonly periodId: string;
}

/** One part of a fold, applied whole or not at all. */
export type FoldGroup =
  /** Moves units from the log to minute slots and counts them as acknowledged. */
  | { readonly kind: "line"; readonly line: LineId; readonly minutes: readonly SpanUnits[] }
  /** Units served out of a quota lease. */
  | {
    readonly kind: "leased";
    readonly tenantId: TenantId;
    readonly meter: MeterName;
    readonly periodId: string;
    readonly units: Units;
  }
  /** Hour and day totals for charts. */
  | {
    readonly kind: "rollup";
    readonly tenantId: TenantId;
    readonly meter: MeterName;
    readonly keyId: string;
    readonly hours: readonly SpanUnits[];
    readonly days: readonly SpanUnits[];
  }
  /** A part of a usage window, for live charts. */
  | {
    readonly kind: "window";
    readonly tenantId: TenantId;
    readonly windowStartMs: number;
    readonly part: number;
    readonly points: readonly WindowPoint[];
  };

export interface SpanUnits {
  readonly startMs: number;
  readonly units: Units;
}

export interface WindowPoint {
  readonly meter: MeterName;
  readonly keyId: string;
  readonly units: Units;
}

/** Points of one stored window part; keeps a value far below 64 KiB. */
const POINTS_PER_PART = 250;

type Spans = Map<number, Units>;

/** Entries and groups between two rests of a fold's preparation: some milliseconds of work. */
const ITEMS_PER_STEP = 2_000;

/**
 * Totals of a range of segments. The groups depend on the segments alone, not on who adds them up
 * or when, so that any instance can go on where another stopped.
 */
export class SegmentTotals {
  /** Units of equal entries by usage window: all that a commit has to touch. */
  readonly #sums = new Map<string, { readonly entry: UsageEntry; readonly windows: Spans }>();

  add(segment: Segment): void {
    for (const entry of segment.entries) {
      const key = entryKey(entry);
      let sum = this.#sums.get(key);
      if (sum === undefined) this.#sums.set(key, sum = { entry, windows: new Map() });
      addTo(sum.windows, segment.windowStartMs, entry.units);
    }
  }

  groups(): readonly FoldGroup[] {
    const steps = this.groupSteps();
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
    }
  }

  /**
   * Makes the groups with rests between, in which others may run: with many tenants it would keep
   * everybody's calls waiting. Nothing may be added before it is done.
   */
  *groupSteps(): Generator<void, readonly FoldGroup[]> {
    let items = 0;
    const totals = new GroupTotals();
    for (const { entry, windows } of this.#sums.values()) {
      for (const [windowStartMs, units] of windows) totals.add(entry, windowStartMs, units);
      if (++items % ITEMS_PER_STEP === 0) yield;
    }
    const groups: FoldGroup[] = [];
    for (const group of totals.groups()) {
      groups.push(group);
      if (++items % ITEMS_PER_STEP === 0) yield;
    }
    return groups;
  }
}

/** Totals by what a fold writes of them. */
class GroupTotals {
  readonly #lines = new Map<string, { line: LineId; minutes: Spans }>();
  readonly #leased = new Map<string, { entry: UsageEntry; units: Units }>();
  readonly #rollups = new Map<string, { entry: UsageEntry; hours: Spans; days: Spans }>();
  readonly #windows = new Map<
    string,
    { tenantId: TenantId; windowStartMs: number; points: Map<string, WindowPoint> }
  >();

  *groups(): Generator<FoldGroup> {
    for (const { line, minutes } of sorted(this.#lines)) {
      yield { kind: "line", line, minutes: spanUnits(minutes) };
    }
    for (const { entry: { tenantId, meter, periodId }, units } of sorted(this.#leased)) {
      yield { kind: "leased", tenantId, meter, periodId, units };
    }
    for (const { entry: { tenantId, meter, keyId }, hours, days } of sorted(this.#rollups)) {
      const spans = { hours: spanUnits(hours), days: spanUnits(days) };
      yield { kind: "rollup", tenantId, meter, keyId, ...spans };
    }
    for (const { tenantId, windowStartMs, points } of sorted(this.#windows)) {
      for (const [part, some] of parts(sorted(points)).entries()) {
        yield { kind: "window", tenantId, windowStartMs, part, points: some };
      }
    }
  }

  add(entry: UsageEntry, windowStartMs: number, units: Units): void {
    const { tenantId, meter, planRevision, periodId, keyId } = entry;
    const lineKey = textKey(tenantId, meter, planRevision, periodId);
    let line = this.#lines.get(lineKey);
    if (line === undefined) {
      line = { line: { tenantId, meter, planRevision, periodId }, minutes: new Map() };
      this.#lines.set(lineKey, line);
    }
    addTo(line.minutes, minuteOf(windowStartMs), units);

    if (entry.leasedBy !== undefined) {
      const key = textKey(tenantId, meter, periodId);
      const sum = this.#leased.get(key);
      if (sum === undefined) this.#leased.set(key, { entry, units });
      else sum.units += units;
    }

    const pointKey = textKey(meter, keyId);
    const rollupKey = textKey(tenantId, meter, keyId);
    let rollup = this.#rollups.get(rollupKey);
    if (rollup === undefined) {
      this.#rollups.set(rollupKey, rollup = { entry, hours: new Map(), days: new Map() });
    }
    addTo(rollup.hours, hourOf(windowStartMs), units);
    addTo(rollup.days, dayOf(windowStartMs), units);

    const windowKey = textKey(tenantId, String(windowStartMs));
    let window = this.#windows.get(windowKey);
    if (window === undefined) {
      this.#windows.set(windowKey, window = { tenantId, windowStartMs, points: new Map() });
    }
    const before = window.points.get(pointKey)?.units ?? 0n;
    window.points.set(pointKey, { meter, keyId, units: before + units });
  }
}

/** How many stored mutations applying a group takes. */
export function groupWeight(group: FoldGroup): number {
  switch (group.kind) {
    case "line":
      return group.minutes.length + 1 +
        new Set(group.minutes.map(({ startMs }) => dayOf(startMs))).size;
    case "rollup":
      return group.hours.length + group.days.length;
    case "leased":
    case "window":
      return 1;
  }
}

/** The longest run of groups from `start` that weighs at most `limit`, but at least one. */
export function takeGroups(
  groups: readonly FoldGroup[],
  { start, limit }: { readonly start: number; readonly limit: number },
): readonly FoldGroup[] {
  let weight = 0;
  let end = start;
  for (let group = groups[end]; group !== undefined; group = groups[++end]) {
    weight += groupWeight(group);
    if (weight > limit && end > start) break;
  }
  return groups.slice(start, end);
}

/** Adds an entry to the one that has its key already, or as a new one. */
export function mergeEntry(
  merged: Map<string, UsageEntry>,
  key: string,
  entry: UsageEntry,
): void {
  const before = merged.get(key);
  merged.set(key, before === undefined ? entry : { ...entry, units: before.units + entry.units });
}

/** Equal for entries that differ in their units alone. */
export function entryKey(entry: UsageEntry): string {
  const { tenantId, meter, planRevision, periodId, keyId, leasedBy } = entry;
  return textKey(tenantId, meter, planRevision, periodId, keyId, leasedBy ?? "");
}

export function sumUnits(entries: Iterable<{ readonly units: Units }>): Units {
  let sum = 0n;
  for (const { units } of entries) sum += units;
  return sum;
}

/** Parts are length-prefixed, so no value of one part can be taken for another. */
function textKey(...parts: readonly string[]): string {
  let key = "";
  for (const part of parts) key += `${part.length}:${part}`;
  return key;
}

function addTo(spans: Spans, startMs: number, units: Units): void {
  invariant(units > 0n, "Counted units are positive");
  spans.set(startMs, (spans.get(startMs) ?? 0n) + units);
}

function spanUnits(spans: Spans): SpanUnits[] {
  return [...spans].map(([startMs, units]) => ({ startMs, units }))
    .sort((a, b) => a.startMs - b.startMs);
}

/**
 * Values in order of their keys' UTF-16 code units, which is how the platform sorts texts by itself:
 * several times faster than a comparison of ours, in the middle of everybody's calls.
 */
function sorted<T>(map: ReadonlyMap<string, T>): T[] {
  const values: T[] = [];
  for (const key of [...map.keys()].sort()) {
    const value = map.get(key);
    if (value !== undefined) values.push(value);
  }
  return values;
}

function parts<T>(items: readonly T[]): T[][] {
  const found: T[][] = [];
  for (let at = 0; at < items.length; at += POINTS_PER_PART) {
    found.push(items.slice(at, at + POINTS_PER_PART));
  }
  return found;
}
