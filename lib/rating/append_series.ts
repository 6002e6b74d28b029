import type { Result } from "../domain/result.ts";
import {
  lowerBound,
  type PriceColumns,
  type PriceSeries,
  priceSeries,
} from "../domain/rating/price_series.ts";
import type { RatingRefusal } from "../domain/rating/problem_codes.ts";

/**
 * The stored series with later closes behind it. A close for the stored last day corrects that day;
 * earlier days are refused as descending, for a correction of the past is a full replacement. The same
 * closes again change nothing, so an append whose answer was lost may be repeated.
 */
export function appendSeries(
  stored: PriceSeries | null,
  columns: PriceColumns,
): Result<PriceSeries, RatingRefusal> {
  const firstDay = columns.days[0];
  if (stored === null || firstDay === undefined) return priceSeries(columns);
  const lastDay = stored.days[stored.days.length - 1] ?? -Infinity;
  const from = lowerBound(stored.days, firstDay);
  const kept = firstDay === lastDay || endsWith(stored, columns, from) ? from : stored.days.length;
  return priceSeries({
    days: joined(stored.days.subarray(0, kept), columns.days),
    closes: joined(stored.closes.subarray(0, kept), columns.closes),
    volumes: joinedVolumes(stored, columns, kept),
    ...(columns.frequency === undefined ? {} : { frequency: columns.frequency }),
  });
}

/** Whether these columns are what the series holds from there on. */
function endsWith(stored: PriceSeries, columns: PriceColumns, from: number): boolean {
  return sameNumbers(stored.days.subarray(from), columns.days) &&
    sameNumbers(stored.closes.subarray(from), columns.closes) &&
    sameNumbers(stored.volumes?.subarray(from) ?? [], columns.volumes ?? []);
}

/** `NaN` stands for a missing volume, and equals itself. */
function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((value, at) => Object.is(value, b[at]));
}

function joined(head: ArrayLike<number>, tail: ArrayLike<number>): Float64Array {
  const all = new Float64Array(head.length + tail.length);
  all.set(head, 0);
  all.set(tail, head.length);
  return all;
}

function joinedVolumes(
  stored: PriceSeries,
  columns: PriceColumns,
  kept: number,
): Float64Array | null {
  const volumes = columns.volumes ?? null;
  if (stored.volumes === null && volumes === null) return null;
  const head = stored.volumes?.subarray(0, kept) ?? new Float64Array(kept).fill(NaN);
  return joined(head, volumes ?? new Float64Array(columns.days.length).fill(NaN));
}
