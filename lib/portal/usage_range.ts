export type RangeGranularity = "minute" | "hour" | "day";

export interface UsageRange {
  /** Aligned to the granularity, UTC, half-open. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly granularity: RangeGranularity;
  /** Why less, or other, is shown than was asked for; `null` when all of it is. */
  readonly clipped: RangeGranularity | "log" | null;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const STEP_MS: Readonly<Record<RangeGranularity, number>> = {
  minute: MINUTE_MS,
  hour: HOUR_MS,
  day: DAY_MS,
};

/** Most slots of one page, which its words name: what a chart can show and a store read quickly. */
const SLOTS_MAX: Readonly<Record<RangeGranularity, number>> = {
  minute: 180,
  hour: 24 * 14,
  day: 400,
};

/**
 * Reads `from`, `to` (`YYYY-MM-DDTHH:MM`, UTC) and `granularity` of an address. Whatever is absent or
 * unreadable falls back to the last 30 days; a range that is too long keeps its end.
 */
export function parseUsageRange(query: URLSearchParams, nowMs: number): UsageRange {
  const asked = query.get("granularity");
  const toMs = parseInstant(query.get("to")) ?? nowMs;
  const fromMs = parseInstant(query.get("from")) ?? Math.ceil(toMs / DAY_MS) * DAY_MS - 30 * DAY_MS;
  const span = Math.max(0, toMs - fromMs);
  const granularity = isGranularity(asked) ? asked : fittingGranularity(span);
  return alignRange({ fromMs, toMs, granularity });
}

/** Bounds are widened to whole steps; an empty or backward range becomes one step. */
export function alignRange(
  { fromMs, toMs, granularity }: {
    readonly fromMs: number;
    readonly toMs: number;
    readonly granularity: RangeGranularity;
  },
): UsageRange {
  const step = STEP_MS[granularity];
  const end = Math.ceil(toMs / step) * step;
  const start = Math.min(Math.floor(fromMs / step) * step, end - step);
  const earliest = end - SLOTS_MAX[granularity] * step;
  return {
    fromMs: Math.max(start, earliest),
    toMs: end,
    granularity,
    clipped: start < earliest ? granularity : null,
  };
}

/** Length of a slot. */
export function stepOf({ granularity }: UsageRange): number {
  return STEP_MS[granularity];
}

/** Starts of the slots of a range, ascending. */
export function slotStarts({ fromMs, toMs, granularity }: UsageRange): readonly number[] {
  const step = STEP_MS[granularity];
  return Array.from({ length: (toMs - fromMs) / step }, (_, at) => fromMs + at * step);
}

/** The next closer look at one slot, or `null` where there is none. */
export function closerRange(
  startMs: number,
  granularity: RangeGranularity,
):
  | { readonly fromMs: number; readonly toMs: number; readonly granularity: RangeGranularity }
  | null {
  if (granularity === "minute") return null;
  const closer = granularity === "day" ? "hour" : "minute";
  return { fromMs: startMs, toMs: startMs + STEP_MS[granularity], granularity: closer };
}

/** The text that `parseUsageRange` reads back. */
export function instantText(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 16);
}

function parseInstant(text: string | null): number | null {
  if (text === null || !/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text)) return null;
  const atMs = Date.parse(`${text}:00Z`);
  return Number.isNaN(atMs) ? null : atMs;
}

function isGranularity(text: string | null): text is RangeGranularity {
  return text !== null && Object.hasOwn(STEP_MS, text);
}

function fittingGranularity(spanMs: number): RangeGranularity {
  if (spanMs <= 2 * HOUR_MS) return "minute";
  return spanMs <= 3 * DAY_MS ? "hour" : "day";
}
