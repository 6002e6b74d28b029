import { meterEventName } from "@/lib/domain/meter.ts";
import { SUMMARY_SETTLE_MS } from "@/lib/domain/outbox.ts";
import { periodAt } from "@/lib/domain/period.ts";
import type { MeterName, PlanVersion, Units } from "@/lib/domain/plan.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import { DAY_MS, dayOf, HOUR_MS, hourOf } from "@/lib/domain/window.ts";
import {
  type CorrectUnitsDeps,
  decideCorrection,
  recordCorrection,
} from "@/lib/metering/correct_units.ts";
import { proposeCorrection } from "@/lib/metering/corrections.ts";
import { type Correction, needsSecondPerson } from "@/lib/domain/correction.ts";
import type { OutboxStore } from "@/lib/ports/outbox_store.ts";
import type { OutboxEntry } from "@/lib/ports/usage.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import type { BillingDeps } from "./deps.ts";

export interface GapDeps {
  readonly billing: Pick<
    BillingDeps,
    "clock" | "tenants" | "plans" | "provider" | "store" | "usage"
  >;
  readonly outbox: Pick<OutboxStore, "deliveredHours">;
}

/** A UTC day of which Stripe has more units than the books say it should. */
export interface RestoreGap {
  readonly tenantId: string;
  readonly meter: MeterName;
  /** The version in force at the end of the day; the units are booked under it. */
  readonly planRevision: string;
  readonly periodId: string;
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly stripe: Units;
  /** Sent less refused, by the books. */
  readonly books: Units;
  /** What Stripe has and the books lack; positive. */
  readonly lacks: Units;
  /** Units of open entries of the day: Stripe may have them, and they are decided first. */
  readonly undecided: Units;
  /** The same by hour; empty when an hour of the books has more than Stripe's. */
  readonly hours: readonly { readonly startMs: number; readonly lacks: Units }[];
}

/** Stripe takes no older events, so no older day can have got any since. */
export const GAP_BACK_MS = 35 * DAY_MS;
const ENTRIES_PER_READ = 500;

/**
 * Where Stripe has units that the books lack: after a restore, those that were acknowledged and sent
 * after the copy was made. Stripe tells sums by the hour of its events, so that is how precisely they
 * are found; the last hour is left out, since its summaries are still on their way. Error:
 * `unknown_tenant`.
 */
export async function findGaps(
  deps: GapDeps,
  { tenantId, sinceMs }: { readonly tenantId: string; readonly sinceMs: number },
): Promise<Result<readonly RestoreGap[]>> {
  const { clock, tenants, plans } = deps.billing;
  const tenant = (await tenants.tenant(tenantId))?.value;
  if (tenant === undefined) {
    return refuse({ code: "unknown_tenant", detail: `There is no tenant ${tenantId}` });
  }
  const nowMs = clock.nowMs();
  const startMs = dayOf(Math.max(sinceMs, nowMs - GAP_BACK_MS, tenant.createdAtMs));
  const endMs = hourOf(nowMs - SUMMARY_SETTLE_MS);
  const plan = (await plans.plan(tenant.planRevision))?.value;
  if (tenant.stripeCustomerId === null || plan === undefined || startMs >= endMs) return accept([]);
  const range = { startMs, endMs, stripeCustomerId: tenant.stripeCustomerId };
  const [ours, open] = await Promise.all([
    deps.outbox.deliveredHours(range),
    openEntries(deps, tenantId),
  ]);
  const gaps: RestoreGap[] = [];
  for (const { meter, price } of plan.meters) {
    if (price.model === "flat") continue;
    const eventName = meterEventName(meter);
    const theirs = await deps.billing.provider.summaries({ ...range, eventName, grouping: "hour" });
    const own = open.filter((entry) => entry.meter === meter);
    const known = ours.filter((hour) => hour.eventName === eventName);
    gaps.push(...await gapsOf(deps, { tenant, plan, meter, range, theirs, known, open: own }));
  }
  return accept(gaps.sort((a, b) => a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
}

interface Side {
  readonly startMs: number;
  readonly units: Units;
}

async function gapsOf(
  deps: GapDeps,
  { tenant, plan, meter, range, theirs, known, open }: {
    readonly tenant: Tenant;
    readonly plan: PlanVersion;
    readonly meter: MeterName;
    readonly range: { readonly startMs: number; readonly endMs: number };
    readonly theirs: readonly Side[];
    readonly known: readonly Side[];
    readonly open: readonly OutboxEntry[];
  },
): Promise<readonly RestoreGap[]> {
  const gaps: RestoreGap[] = [];
  for (let dayMs = range.startMs; dayMs < range.endMs; dayMs += DAY_MS) {
    const untilMs = Math.min(dayMs + DAY_MS, range.endMs);
    const within = (startMs: number) => startMs >= dayMs && startMs < untilMs;
    const sumOf = (sides: readonly Side[], isIn: (startMs: number) => boolean) =>
      sides.filter(({ startMs }) => isIn(startMs)).reduce((sum, { units }) => sum + units, 0n);
    const [stripe, books] = [sumOf(theirs, within), sumOf(known, within)];
    if (stripe <= books) continue;
    const hours: { startMs: number; lacks: Units }[] = [];
    for (let startMs = dayMs; startMs < untilMs; startMs += HOUR_MS) {
      const isHour = (atMs: number) => hourOf(atMs) === startMs;
      const lacks = sumOf(theirs, isHour) - sumOf(known, isHour);
      if (lacks !== 0n) hours.push({ startMs, lacks });
    }
    gaps.push({
      tenantId: tenant.tenantId,
      meter,
      planRevision: await versionAt(deps, tenant, untilMs),
      periodId: periodAt(dayMs, plan.interval).periodId,
      day: new Date(dayMs).toISOString().slice(0, 10),
      stripe,
      books,
      lacks: stripe - books,
      undecided: open.filter(({ timestampMs }) => within(timestampMs))
        .reduce((sum, { units }) => sum + (units < 0n ? -units : units), 0n),
      hours: hours.every(({ lacks }) => lacks > 0n) ? hours : [],
    });
  }
  return gaps;
}

async function versionAt({ billing }: GapDeps, tenant: Tenant, atMs: number): Promise<string> {
  const changes = await billing.store.planChanges(tenant.tenantId);
  return changes.findLast((change) => change.atMs < atMs)?.to ?? tenant.planRevision;
}

/** Says what Stripe had; after a refusal the next number, so that it can be proposed again. */
async function idOf(
  { corrections }: CorrectUnitsDeps,
  { gap: { tenantId, meter, day, stripe, hours }, startMs }: {
    readonly gap: RestoreGap;
    readonly startMs: number;
  },
): Promise<string> {
  const place = hours.length > 0 ? startMs / HOUR_MS : day;
  for (let time = 1;; time++) {
    const correctionId = `gap_${meter}_${place}_${stripe}${time === 1 ? "" : `_${time}`}`;
    if ((await corrections.find(tenantId, correctionId))?.value.state !== "refused") {
      return correctionId;
    }
  }
}

async function openEntries(
  { billing: { usage } }: GapDeps,
  tenantId: string,
): Promise<readonly OutboxEntry[]> {
  const found: OutboxEntry[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof usage.outbox>> = await usage.outbox({
      tenantId,
      limit: ENTRIES_PER_READ,
      ...(cursor === null ? {} : { cursor }),
    });
    found.push(...page.entries);
    cursor = page.cursor;
  } while (cursor !== null);
  return found;
}

type BookDeps = GapDeps & { readonly corrections: CorrectUnitsDeps };

/**
 * Books what Stripe has of one day and meter from its word: corrections that are never sent, in the
 * hours that lack them. What is beyond one person's authority waits for a second. The id of each says
 * what Stripe had, so that repeating it, or two people at once, books it once; repeating it also
 * finishes what was cut off. Errors: `no_gap`, `gap_undecided`, those of `findGaps` and of corrections.
 */
export async function bookGap(
  deps: BookDeps,
  { tenantId, meter, day, reason, act }: {
    readonly tenantId: string;
    readonly meter: MeterName;
    readonly day: string;
    readonly reason: string;
    readonly act: Act;
  },
): Promise<Result<readonly Correction[]>> {
  const dayMs = Date.parse(`${day}T00:00:00Z`);
  const finished = await finishBookings(deps, { tenantId, meter, dayMs, act });
  if (!finished.ok) return finished;
  const rest = await bookRest(deps, { tenantId, meter, day, dayMs, reason, act });
  if (rest.ok) return accept([...finished.value, ...rest.value]);
  return rest.error.code === "no_gap" && finished.value.length > 0 ? finished : rest;
}

async function bookRest(
  deps: BookDeps,
  { tenantId, meter, day, dayMs, reason, act }: {
    readonly tenantId: string;
    readonly meter: MeterName;
    readonly day: string;
    readonly dayMs: number;
    readonly reason: string;
    readonly act: Act;
  },
): Promise<Result<readonly Correction[]>> {
  const found = await findGaps(deps, { tenantId, sinceMs: dayMs });
  if (!found.ok) return found;
  const gap = found.value.find((one) => one.meter === meter && one.day === day);
  if (gap === undefined) {
    return refuse({ code: "no_gap", detail: `Stripe has no more of ${meter} on ${day} than we` });
  }
  if (gap.undecided > 0n) {
    const detail = `${gap.undecided} units of that day are in the outbox still: decide them first`;
    return refuse({ code: "gap_undecided", detail });
  }
  const waiting = await waitingOf(deps, { tenantId, meter, dayMs, periodId: gap.periodId });
  if (waiting.length > 0) return accept(waiting);
  const noon = [{ startMs: dayMs + DAY_MS / 2, lacks: gap.lacks }];
  const booked: Correction[] = [];
  for (const { startMs, lacks } of gap.hours.length > 0 ? gap.hours : noon) {
    const done = await proposeCorrection({
      tenantId,
      meter,
      planRevision: gap.planRevision,
      periodId: gap.periodId,
      units: lacks,
      reason,
      author: act.actor.id,
      correctionId: await idOf(deps.corrections, { gap, startMs }),
      atStripeMs: startMs + HOUR_MS / 2,
    }, deps.corrections);
    const noted = await recordCorrection(done, { act, deps: deps.corrections });
    if (!noted.ok) return noted;
    booked.push(noted.value);
  }
  return accept(booked);
}

/** Those of a day and meter that wait for a second person, or whose process died half-way. */
async function waitingOf(
  { billing: { store } }: BookDeps,
  { tenantId, meter, dayMs, periodId }: {
    readonly tenantId: string;
    readonly meter: MeterName;
    readonly dayMs: number;
    readonly periodId: string;
  },
): Promise<readonly Correction[]> {
  return (await store.waitingCorrections(tenantId, periodId)).filter((one) =>
    one.meter === meter && one.atStripeMs !== undefined && dayOf(one.atStripeMs) === dayMs
  );
}

/** An entry of theirs may be open still, or settled by itself meanwhile. */
async function finishBookings(
  deps: BookDeps,
  { tenantId, meter, dayMs, act }: {
    readonly tenantId: string;
    readonly meter: MeterName;
    readonly dayMs: number;
    readonly act: Act;
  },
): Promise<Result<readonly Correction[]>> {
  const tenant = (await deps.billing.tenants.tenant(tenantId))?.value;
  const plan = tenant && (await deps.billing.plans.plan(tenant.planRevision))?.value;
  if (plan === undefined || Number.isNaN(dayMs)) return accept([]);
  const { periodId } = periodAt(dayMs, plan.interval);
  const finished: Correction[] = [];
  for (const one of await waitingOf(deps, { tenantId, meter, dayMs, periodId })) {
    if (one.state !== "approved" && needsSecondPerson(one)) continue;
    const { correctionId } = one;
    const request = { tenantId, correctionId, decision: "approve", act } as const;
    const applied = await decideCorrection(request, deps.corrections);
    if (!applied.ok) return applied;
    finished.push(applied.value);
  }
  return accept(finished);
}
