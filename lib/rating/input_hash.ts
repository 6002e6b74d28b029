import { canonicalJson, type JsonValue } from "../domain/rating/canonical_json.ts";
import type { PriceSeries } from "../domain/rating/price_series.ts";

/** A cryptographic digest as lower-case hexadecimal; the composition supplies SHA-256. */
export type Hash = (data: string | Uint8Array) => string;

/** The digest of a value in its canonical form. */
export function hashJson(hash: Hash, value: JsonValue): string {
  return hash(canonicalJson(value));
}

/** The digest of a series: equal points give equal digests, wherever the points came from. */
export function hashSeries(hash: Hash, series: PriceSeries): string {
  const columns = [series.days, series.closes, series.volumes].flatMap((column) =>
    column === null ? [] : [new Uint8Array(column.buffer, column.byteOffset, column.byteLength)]
  );
  return hash(
    [series.frequency, String(series.days.length), ...columns.map((bytes) => hash(bytes))].join(
      " ",
    ),
  );
}
