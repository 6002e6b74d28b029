import type { DecimalText } from "./decimal_text.ts";
import type { QuoteView } from "./quote.ts";
import { type PartWithout, unpriced } from "./rating_parts.ts";
import { significant } from "./significant.ts";

export interface PriceFeedPart {
  readonly status: "ok";
  readonly bid: DecimalText | null;
  readonly ask: DecimalText | null;
  readonly last: DecimalText | null;
  readonly mid: DecimalText | null;
  readonly spread_bps: number | null;
  readonly volume: number | null;
  readonly age_ms: number;
  readonly source: string;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
}

export function priceFeedPart(
  view: QuoteView | null,
  asOfMs: number,
): PriceFeedPart | PartWithout {
  if (view === null) return NO_QUOTE;
  const { quote } = view;
  if (quote.timestampMs > asOfMs) return LATER_QUOTE;
  return {
    status: "ok",
    bid: quote.bid,
    ask: quote.ask,
    last: quote.last,
    mid: view.mid,
    spread_bps: view.spreadBps === null ? null : significant(view.spreadBps),
    volume: quote.volume,
    age_ms: asOfMs - quote.timestampMs,
    source: quote.source,
    timestamp: new Date(quote.timestampMs).toISOString(),
  };
}

const NO_QUOTE = unpriced("No price is stored for this instrument. Push one, or send `quote`");
const LATER_QUOTE = unpriced("The stored price is younger than as_of. Use a later as_of");
