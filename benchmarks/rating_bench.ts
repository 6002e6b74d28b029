import { priceSeries } from "@/lib/domain/rating/price_series.ts";
import { rateInstrument } from "@/lib/domain/rating/rate_instrument.ts";
import { RATING_PARTS } from "@/lib/domain/rating/rating_parts.ts";
import { seriesStatistics } from "@/lib/domain/rating/series_statistics.ts";
import { minstdCloses } from "@/tests/support/minstd.ts";
import { APPLE, historyBody, quoteBody, RatingWorld } from "@/tests/support/rating_world.ts";
import { PARAMETERS, sampleInput, sampleInstrument } from "@/tests/support/rating_samples.ts";
import { civilDay } from "@/lib/domain/rating/civil_day.ts";

/**
 * Engine and use case, one thread, everything in memory. "Stored" rates from statistics that were
 * made when the series came in; "inline" makes them in the call.
 */

const stored = sampleInput({ include: new Set(RATING_PARTS) });
const inline = minstdCloses(1_281, { firstDay: 18_985 });
const bond = sampleInput({
  include: new Set(["bond_analytics"]),
  instrument: sampleInstrument({
    bond: {
      kind: "bullet",
      couponRate: .0575,
      couponFrequency: 2,
      dayCount: "act_act_icma",
      maturityDay: civilDay(2036, 11, 15),
      issueDay: null,
      firstCouponDay: null,
      exDividendDays: 0,
      endOfMonth: false,
      yieldConvention: "street",
    },
  }),
});
const option = sampleInput({
  include: new Set(["greeks"]),
  instrument: sampleInstrument({
    option: {
      underlyingId: null,
      optionType: "call",
      exerciseStyle: "european",
      strikePrice: 100,
      expirationDay: civilDay(2027, 11, 23),
    },
  }),
  parameters: {
    ...PARAMETERS,
    greeks: { ...PARAMETERS.greeks, riskFreeRate: .04, underlyingPrice: 150 },
  },
});

Deno.bench("engine: stored five-year daily series, all parts", { group: "engine" }, () => {
  rateInstrument(stored);
});

Deno.bench("engine: inline 1,280 daily returns, all parts", { group: "engine" }, () => {
  const series = priceSeries(inline);
  if (!series.ok) throw new Error(series.error.detail);
  rateInstrument({ ...stored, statistics: seriesStatistics(series.value) });
});

Deno.bench("engine: ten-year bond from its price", { group: "engine" }, () => {
  rateInstrument(bond);
});

Deno.bench("engine: option Greeks with implied volatility", { group: "engine" }, () => {
  rateInstrument(option);
});

const world = await new RatingWorld().withApple();
const inlineBody = { instrument: APPLE, history: historyBody(1_281), quote: quoteBody() };

Deno.bench(
  "rateOne: stored and cached, checked, hashed, default parts",
  { group: "call" },
  async () => {
    await world.rate({ instrument: APPLE });
  },
);

Deno.bench(
  "rateOne: inline history of 1,281 closes as JSON values",
  { group: "call" },
  async () => {
    await world.rate(inlineBody);
  },
);
