import { canonicalJson, type JsonValue } from "../domain/rating/canonical_json.ts";
import type { PriceSeries } from "../domain/rating/price_series.ts";
import type { QuoteView } from "../domain/rating/quote.ts";

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

/** What a rating rests on: small things whole, large ones by their digest. */
export interface HashedInputs {
  /** ISO 8601. */
  readonly asOf: string;
  readonly engineVersion: string;
  readonly include: Iterable<string>;
  /** Digests. */
  readonly subject: string;
  readonly history: string | null;
  readonly benchmark: string | null;
  readonly quote: QuoteView | null;
  readonly underlying: QuoteView | null;
  readonly parameters: JsonValue;
}

/**
 * The digest of all inputs together, in canonical form: `hashJson` of the object whose members stand
 * here in their order. Written out, since an object made to be written once costs each rating more
 * than the hash does.
 */
export function hashInputs(hash: Hash, inputs: HashedInputs): string {
  const { asOf, benchmark, engineVersion, history, include, parameters, subject } = inputs;
  return hash(
    `{"as_of":${quoted(asOf)},"benchmark":${quoted(benchmark)}` +
      `,"engine_version":${quoted(engineVersion)},"history":${quoted(history)}` +
      `,"include":${JSON.stringify([...include].sort())}` +
      `,"parameters":${parameters === null ? "null" : canonicalJson(parameters)}` +
      `,"quote":${quoteText(inputs.quote)},"subject":${quoted(subject)}` +
      `,"underlying":${quoteText(inputs.underlying)}}`,
  );
}

/** Digests, times and versions hold nothing that JSON escapes. */
function quoted(text: string | null): string {
  return text === null ? "null" : `"${text}"`;
}

/** A view stays one object for as long as its quote is the latest. */
const quoteTexts = new WeakMap<QuoteView, string>();

function quoteText(view: QuoteView | null): string {
  if (view === null) return "null";
  let text = quoteTexts.get(view);
  if (text === undefined) {
    const { ask, bid, last, source, timestampMs, volume } = view.quote;
    text = canonicalJson({ ask, bid, last, source, timestampMs, volume });
    quoteTexts.set(view, text);
  }
  return text;
}
