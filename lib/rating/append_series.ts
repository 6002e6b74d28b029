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
 * earlier days are refused as descending, for a correction of the past is a full replacement.
 */
export function appendSeries(
  stored: PriceSeries | null,
  columns: PriceColumns,
): Result<PriceSeries, RatingRefusal> {
  const firstDay = columns.days[0];
  if (stored === null || firstDay === undefined) return priceSeries(columns);
  const lastDay = stored.days[stored.days.length - 1] ?? -Infinity;
  const kept = firstDay === lastDay ? lowerBound(stored.days, lastDay) : stored.days.length;
  return priceSeries({
    days: joined(stored.days.subarray(0, kept), columns.days),
    closes: joined(stored.closes.subarray(0, kept), columns.closes),
    volumes: joinedVolumes(stored, columns, kept),
    ...(columns.frequency === undefined ? {} : { frequency: columns.frequency }),
  });
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
