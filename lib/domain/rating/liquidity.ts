import type { PriceSeries } from "./price_series.ts";

/** Trading days in the average daily volume. */
const ADV_DAYS = 20;

export interface Liquidity {
  /** Mean units traded over the last 20 closes that carry a volume; null without volumes. */
  readonly averageDailyVolume: number | null;
  /** Mean of |return| over traded value (Amihud 2002), per unit of currency; null without volumes. */
  readonly amihud: number | null;
}

export function liquidity(series: PriceSeries): Liquidity {
  const { volumes, closes } = series;
  if (volumes === null) return { averageDailyVolume: null, amihud: null };
  return { averageDailyVolume: averageVolume(volumes), amihud: amihud(closes, volumes) };
}

/** Spread over mid in basis points; negative for a crossed quote. */
export function spreadBps({ bid, ask }: { bid: number; ask: number }): number {
  return 1e4 * (ask - bid) / ((ask + bid) / 2);
}

function averageVolume(volumes: Float64Array): number | null {
  let sum = 0;
  let count = 0;
  for (let i = volumes.length - 1; i >= 0 && count < ADV_DAYS; i -= 1) {
    const volume = volumes[i] ?? NaN;
    if (!(volume >= 0)) continue;
    sum += volume;
    count += 1;
  }
  return count === ADV_DAYS ? sum / count : null;
}

function amihud(closes: Float64Array, volumes: Float64Array): number | null {
  let sum = 0;
  let count = 0;
  for (let i = 1; i < closes.length; i += 1) {
    const close = closes[i] ?? 0;
    const traded = close * (volumes[i] ?? NaN);
    if (!(traded > 0)) continue;
    sum += Math.abs(Math.log(close / (closes[i - 1] ?? close))) / traded;
    count += 1;
  }
  return count === 0 ? null : sum / count;
}
