import { type DecimalText, midpoint } from "./decimal_text.ts";

/** One observation of a market, prices as decimal text exactly as they were sent. */
export interface Quote {
  readonly bid: DecimalText | null;
  readonly ask: DecimalText | null;
  readonly last: DecimalText | null;
  /** Units traded so far that day. */
  readonly volume: number | null;
  /** When the market showed these prices. */
  readonly timestampMs: number;
  /** `tenant_push`, `request` or `upstream:<name>`. */
  readonly source: string;
}

/** A quote with its numbers ready; made once per quote. */
export interface QuoteView {
  readonly quote: Quote;
  readonly bid: number | null;
  readonly ask: number | null;
  readonly last: number | null;
  /** Null unless both sides are there and not crossed. */
  readonly mid: DecimalText | null;
  readonly spreadBps: number | null;
  readonly isCrossed: boolean;
  /** Last, else mid, if above 0: what analytics start from. */
  readonly price: number | null;
}

export function quoteView(quote: Quote): QuoteView {
  const bid = quote.bid === null ? null : Number(quote.bid);
  const ask = quote.ask === null ? null : Number(quote.ask);
  const last = quote.last === null ? null : Number(quote.last);
  const isCrossed = bid !== null && ask !== null && ask < bid;
  const mid = quote.bid === null || quote.ask === null || isCrossed
    ? null
    : midpoint(quote.bid, quote.ask);
  const middle = mid === null ? null : Number(mid);
  const price = last ?? middle;
  return {
    quote,
    bid,
    ask,
    last,
    mid,
    spreadBps: middle !== null && middle > 0 && bid !== null && ask !== null
      ? 1e4 * (ask - bid) / middle
      : null,
    isCrossed,
    price: price !== null && price > 0 ? price : null,
  };
}
