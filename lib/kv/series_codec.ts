import type { PriceFrequency, PriceSeries } from "@/lib/domain/rating/price_series.ts";
import { SERIES_POINTS_MAX } from "@/lib/domain/rating/price_series.ts";

/** What is known of a stored history without reading its points. */
export interface HistoryHead {
  readonly frequency: PriceFrequency;
  readonly count: number;
  readonly parts: number;
  readonly hasVolumes: boolean;
}

/** Points in one value: 20 bytes each stay below KV's 64 KiB. */
const PART_POINTS = 3_000;

/** Head and all parts are read in one snapshot of at most ten keys. */
export const HISTORY_PARTS_MAX = Math.ceil(SERIES_POINTS_MAX / PART_POINTS);

/**
 * Binary parts, little-endian, column after column: days as int32 since 1970, closes as float64,
 * volumes as float64 where the series has them.
 */
export function encodeSeries(
  series: PriceSeries,
): { head: HistoryHead; parts: readonly Uint8Array[] } {
  const count = series.days.length;
  const parts: Uint8Array[] = [];
  for (let start = 0; start < count; start += PART_POINTS) {
    parts.push(encodePart(series, { start, end: Math.min(start + PART_POINTS, count) }));
  }
  const { frequency, volumes } = series;
  return { head: { frequency, count, parts: parts.length, hasVolumes: volumes !== null }, parts };
}

export function decodeSeries(head: HistoryHead, parts: readonly Uint8Array[]): PriceSeries {
  const days = new Int32Array(head.count);
  const closes = new Float64Array(head.count);
  const volumes = head.hasVolumes ? new Float64Array(head.count) : null;
  for (const [index, part] of parts.entries()) {
    const start = index * PART_POINTS;
    const length = Math.min(PART_POINTS, head.count - start);
    const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
    for (let i = 0; i < length; i += 1) {
      days[start + i] = view.getInt32(i * 4, true);
      closes[start + i] = view.getFloat64(length * 4 + i * 8, true);
      if (volumes !== null) volumes[start + i] = view.getFloat64(length * 12 + i * 8, true);
    }
  }
  return { days, closes, volumes, frequency: head.frequency };
}

function encodePart(
  { days, closes, volumes }: PriceSeries,
  { start, end }: { start: number; end: number },
): Uint8Array {
  const length = end - start;
  const bytes = new Uint8Array(length * (volumes === null ? 12 : 20));
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < length; i += 1) {
    view.setInt32(i * 4, days[start + i] ?? 0, true);
    view.setFloat64(length * 4 + i * 8, closes[start + i] ?? 0, true);
    if (volumes !== null) view.setFloat64(length * 12 + i * 8, volumes[start + i] ?? NaN, true);
  }
  return bytes;
}
