import { civilDayOfMs } from "./civil_day.ts";
import type { ComplianceInput, ComplianceReport, ComplianceRule } from "./compliance.ts";
import type { AssetClass } from "./instrument.ts";
import { isOnTickGrid, luldBand, tickSize, triggersShortSaleTest } from "./market_rules.ts";
import { newYorkMinute } from "./new_york_clock.ts";
import type { SeriesStatistics } from "./series_statistics.ts";
import { significant } from "./significant.ts";

/** PRICE.*, SSR.* and LULD.*: is the price there, fresh, plausible and within market rules. */
export const priceRules: readonly ComplianceRule[] = [
  presence,
  age,
  sides,
  outlier,
  tick,
  shortSale,
  limitBand,
];

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** How old a price may be before it is stale. */
export const PRICE_AGE_MAX_MS: Readonly<Record<AssetClass, number>> = {
  equity: 15 * MINUTE_MS,
  option: 15 * MINUTE_MS,
  future: 15 * MINUTE_MS,
  fx: 15 * MINUTE_MS,
  other: 15 * MINUTE_MS,
  bond: DAY_MS,
  fund: 3 * DAY_MS,
};

/** A stale price becomes serious at this many times the permitted age. */
const STALE_HIGH_FACTOR = 4;
/** An outlier becomes serious at twice the permitted distance. */
const OUTLIER_HIGH_FACTOR = 2;

function presence({ view, asOfMs }: ComplianceInput, report: ComplianceReport): void {
  if (view !== null && view.quote.timestampMs <= asOfMs) return;
  report.flag("PRICE.MISSING", {
    severity: "high",
    message: "No price is known at or before as_of",
  });
}

function age(input: ComplianceInput, report: ComplianceReport): void {
  const { view, asOfMs, policy } = input;
  if (view === null) return report.skip("PRICE.STALE", "no_quote");
  const limit = policy.priceAgeMaxMs ?? PRICE_AGE_MAX_MS[input.assetClass];
  const observed = asOfMs - view.quote.timestampMs;
  if (observed <= limit) return;
  report.flag("PRICE.STALE", {
    severity: observed >= STALE_HIGH_FACTOR * limit ? "high" : "warning",
    observed,
    threshold: limit,
    unit: "ms",
    message: "The price is older than permitted for this asset class",
  });
}

function sides({ view, policy }: ComplianceInput, report: ComplianceReport): void {
  if (view === null) {
    report.skip("PRICE.CROSSED", "no_quote");
    return report.skip("PRICE.NON_POSITIVE", "no_quote");
  }
  if (view.isCrossed) {
    report.flag("PRICE.CROSSED", {
      severity: "high",
      observed: view.quote.ask,
      threshold: view.quote.bid,
      message: "The ask is below the bid",
    });
  }
  if (policy.allowsNonPositivePrices) return;
  const lowest = Math.min(view.bid ?? Infinity, view.ask ?? Infinity, view.last ?? Infinity);
  if (lowest > 0) return;
  report.flag("PRICE.NON_POSITIVE", {
    severity: "critical",
    observed: lowest,
    threshold: 0,
    message: "A price is zero or negative",
  });
}

function outlier(input: ComplianceInput, report: ComplianceReport): void {
  const { view, policy } = input;
  if (view === null || view.price === null) return report.skip("PRICE.OUTLIER", "no_price");
  const basis = basisBefore(input.statistics, civilDayOfMs(view.quote.timestampMs));
  if (basis === null) return report.skip("PRICE.OUTLIER", "insufficient_history");
  const observed = Math.abs(Math.log(view.price / basis.close)) / basis.deviation;
  if (observed <= policy.outlierSigmas) return;
  const isExtreme = observed > OUTLIER_HIGH_FACTOR * policy.outlierSigmas;
  report.flag("PRICE.OUTLIER", {
    severity: isExtreme ? "high" : "warning",
    observed: significant(observed),
    threshold: isExtreme ? OUTLIER_HIGH_FACTOR * policy.outlierSigmas : policy.outlierSigmas,
    unit: "sigma",
    message: "The price is far from the previous close",
  });
}

/** Close and deviation from before the day of the quote, so that it is not judged by itself. */
function basisBefore(
  statistics: SeriesStatistics | null,
  day: number,
): { close: number; deviation: number } | null {
  if (statistics === null || day < statistics.to) return null;
  const isSameDay = day === statistics.to;
  const close = isSameDay ? statistics.beforeLast.close : statistics.lastClose;
  const deviation = isSameDay ? statistics.beforeLast.ewmaDeviation : statistics.ewmaDeviation;
  return close === null || deviation === null || !(deviation > 0) ? null : { close, deviation };
}

function tick({ facts }: ComplianceInput, report: ComplianceReport): void {
  const { orderPrice, averageDailyTransactions } = facts;
  if (orderPrice === null || averageDailyTransactions === null) {
    return report.skip("PRICE.TICK_SIZE_INVALID", "no_order_price_or_transactions");
  }
  if (isOnTickGrid(orderPrice, averageDailyTransactions)) return;
  report.flag("PRICE.TICK_SIZE_INVALID", {
    severity: "warning",
    observed: orderPrice,
    threshold: tickSize(Number(orderPrice), averageDailyTransactions),
    unit: "tick",
    message: "The order price is not a multiple of the tick size",
  });
}

function shortSale({ view, facts }: ComplianceInput, report: ComplianceReport): void {
  if (facts.isNmsStock === false) return;
  if (facts.isNmsStock === null || facts.previousClose === null || (view?.last ?? null) === null) {
    return report.skip("SSR.TRIGGERED", "no_previous_close_or_trade");
  }
  const price = view?.last ?? 0;
  if (!triggersShortSaleTest({ price, previousClose: facts.previousClose })) return;
  report.flag("SSR.TRIGGERED", {
    severity: "warning",
    observed: significant((facts.previousClose - price) / facts.previousClose),
    threshold: 0.1,
    unit: "fraction",
    message:
      "The last trade is at least 10 % below the previous close. The restriction holds for " +
      "the rest of the day and the next trading day",
  });
}

function limitBand({ view, facts, asOfMs }: ComplianceInput, report: ComplianceReport): void {
  if (facts.isNmsStock === false) return;
  const { luldReferencePrice: referencePrice, previousClose, luldTier: tier } = facts;
  const price = view?.price ?? null;
  if (referencePrice === null || previousClose === null || tier === null || price === null) {
    return report.skip("LULD.OUTSIDE_BAND", "no_reference_price_tier_or_close");
  }
  const band = luldBand({ referencePrice, previousClose, tier, minute: newYorkMinute(asOfMs) });
  if (band === null) return report.skip("LULD.OUTSIDE_BAND", "outside_regular_hours");
  if (price >= band.low && price <= band.high) return;
  report.flag("LULD.OUTSIDE_BAND", {
    severity: "warning",
    observed: price,
    threshold: significant(price < band.low ? band.low : band.high),
    unit: "price",
    message: "The price lies outside the limit up, limit down band",
  });
}
