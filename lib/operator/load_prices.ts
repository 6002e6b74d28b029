import type { InstrumentModel, PricesModel } from "@/components/operator/PricesPage.tsx";
import { formatCivilDay } from "@/lib/domain/rating/civil_day.ts";
import { PRICE_AGE_MAX_MS } from "@/lib/domain/rating/compliance_prices.ts";
import { assetClass } from "@/lib/domain/rating/instrument.ts";
import type { PriceSeries } from "@/lib/domain/rating/price_series.ts";
import { InstrumentTermsSchema } from "@/lib/rating/schemas.ts";
import { toInstrument } from "@/lib/rating/to_domain.ts";
import type { Services } from "@/lib/services.ts";
import { pagerOf } from "./pager.ts";

export type PricesDeps = Pick<Services, "clock" | "cursors" | "market" | "tenants">;

const PATH = "/operator/lists/prices";
const PAGE_SIZE = 50;
const LETTERS_MAX = 100;
/** A year of trading days. */
const CLOSES_DRAWN = 250;

/** What a tenant has stored: its instruments, or one of them with its prices. */
export async function loadPrices(deps: PricesDeps, query: URLSearchParams): Promise<PricesModel> {
  const [tenantId, instrumentId] = ["tenant", "instrument"].map((name) =>
    (query.get(name) ?? "").trim().slice(0, LETTERS_MAX)
  ) as [string, string];
  const tenant = tenantId === "" ? null : (await deps.tenants.tenant(tenantId))?.value ?? null;
  const empty = { found: null, instruments: [], firstHref: null, nextHref: null };
  const asked = { tenantId, instrumentId, tenantName: tenant?.name ?? null };
  if (tenant === null) return { ...asked, ...empty };
  if (instrumentId !== "") {
    return { ...asked, ...empty, found: await loadInstrument(deps, { tenantId, instrumentId }) };
  }
  return { ...asked, ...empty, ...await listInstruments(deps, { tenantId, query }) };
}

async function listInstruments(
  { market, cursors }: PricesDeps,
  { tenantId, query }: { readonly tenantId: string; readonly query: URLSearchParams },
): Promise<Pick<PricesModel, "instruments" | "firstHref" | "nextHref">> {
  const filters = { tenant: tenantId };
  const pager = pagerOf(cursors, { path: PATH, owner: tenantId, query, filters });
  const { cursor } = pager;
  const page = await market.instruments.instruments(tenantId, {
    limit: PAGE_SIZE,
    ...cursor === undefined ? {} : { cursor },
  });
  const instruments = await Promise.all(page.items.map(async ({ value }) => {
    const { instrumentId, updatedAtMs } = value;
    const quote = await market.prices.quote(tenantId, instrumentId);
    return { instrumentId, updatedAtMs, quoteAtMs: quote?.value.timestampMs ?? null };
  }));
  return { instruments, ...pager.links(page.cursor) };
}

/** Prices may be stored for an id without terms, and the other way round. */
async function loadInstrument(
  { market, clock }: PricesDeps,
  { tenantId, instrumentId }: { readonly tenantId: string; readonly instrumentId: string },
): Promise<InstrumentModel> {
  const [record, quote, history, screening] = await Promise.all([
    market.instruments.instrument(tenantId, instrumentId),
    market.prices.quote(tenantId, instrumentId),
    market.prices.history(tenantId, instrumentId),
    market.instruments.screening(tenantId, instrumentId),
  ]);
  const kind = record === null
    ? "other"
    : assetClass(toInstrument(InstrumentTermsSchema.parse(record.value.terms)));
  const ageMaxMs = PRICE_AGE_MAX_MS[kind];
  return {
    terms: record === null ? null : {
      text: JSON.stringify(record.value.terms, null, 2),
      kind,
      updatedAtMs: record.value.updatedAtMs,
    },
    quote: quote === null ? null : {
      ...quote.value,
      isStale: clock.nowMs() - quote.value.timestampMs > ageMaxMs,
    },
    ageMaxMs,
    history: history === null ? null : historyOf(history.value),
    screening: screening?.outcome ?? null,
  };
}

function historyOf({ days, closes, frequency }: PriceSeries): InstrumentModel["history"] {
  const from = Math.max(0, days.length - CLOSES_DRAWN);
  return {
    frequency,
    count: days.length,
    firstDay: formatCivilDay(days[0] ?? 0),
    lastDay: formatCivilDay(days.at(-1) ?? 0),
    drawn: Array.from(days.slice(from), (day, at) => ({
      day: formatCivilDay(day),
      close: closes[from + at] ?? 0,
    })),
  };
}
