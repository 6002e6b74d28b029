/**
 * Tick size under MiFID II. Source: Delegated Regulation (EU) 2017/588 (RTS 11), Annex: the tick
 * depends on the price range and on the average daily number of transactions (ADNT).
 * `price` is a count of 1e-`scale`; the test is exact, in integers.
 */
export function tickSize(price: number, averageDailyTransactions: number): number {
  const band = ADNT_BOUNDS.filter((bound) => averageDailyTransactions >= bound).length + 1;
  return TICKS[priceRange(price) + 6 - band] ?? TICKS[TICKS.length - 1] ?? 0;
}

/** Whether a decimal price lies on the grid. Prices finer than 1e-10 do not. */
export function isOnTickGrid(price: string, averageDailyTransactions: number): boolean {
  const [whole = "0", fraction = ""] = price.split(".");
  const trimmed = fraction.replace(/0+$/, "");
  if (trimmed.length > TICK_SCALE) return false;
  const units = BigInt(whole + trimmed.padEnd(TICK_SCALE, "0"));
  const tick = BigInt(Math.round(tickSize(Number(price), averageDailyTransactions) * 1e10));
  return units % tick === 0n;
}

/**
 * Limit Up-Limit Down band around a reference price. Source: 83 FR 66464 (Amendment 18): the band
 * follows the previous close; it doubles in the last 25 minutes for tier 1, and for tier 2 up to
 * $3.00, and no longer at the open. Null outside 09:30 to 16:00 New York time.
 */
export function luldBand(
  { referencePrice, previousClose, tier, minute }: {
    referencePrice: number;
    previousClose: number;
    tier: 1 | 2;
    minute: number;
  },
): { low: number; high: number } | null {
  if (minute < 570 || minute >= 960) return null;
  const doubles = minute >= 935 && (tier === 1 || previousClose <= 3);
  const half = luldHalfWidth({ referencePrice, previousClose, tier }) * (doubles ? 2 : 1);
  return { low: Math.max(0, referencePrice - half), high: referencePrice + half };
}

/**
 * Short sale price test. Source: SEC Rule 201, release 34-61595: a trade at least 10 % below the
 * prior close triggers it. Compared as 10 (close - price) >= close, which is exact at 90 of 100.
 */
export function triggersShortSaleTest(
  { price, previousClose }: { price: number; previousClose: number },
): boolean {
  return 10 * (previousClose - price) >= previousClose;
}

const ADNT_BOUNDS = [10, 80, 600, 2_000, 9_000];
const TICK_SCALE = 10;
const PRICE_BOUNDS = [
  0.1,
  0.2,
  0.5,
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  1_000,
  2_000,
  5_000,
  10_000,
  20_000,
  50_000,
];

/** 0.0001 four times, then 1-2-5 steps. */
const TICKS = [
  0.0001,
  0.0001,
  0.0001,
  0.0001,
  0.0002,
  0.0005,
  0.001,
  0.002,
  0.005,
  0.01,
  0.02,
  0.05,
  0.1,
  0.2,
  0.5,
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
];

function priceRange(price: number): number {
  let range = 0;
  while (range < PRICE_BOUNDS.length && price >= (PRICE_BOUNDS[range] ?? Infinity)) range += 1;
  return range;
}

function luldHalfWidth(
  { referencePrice, previousClose, tier }: {
    referencePrice: number;
    previousClose: number;
    tier: 1 | 2;
  },
): number {
  if (previousClose > 3) return referencePrice * (tier === 1 ? 0.05 : 0.1);
  if (previousClose >= 0.75) return referencePrice * 0.2;
  return Math.min(0.15, referencePrice * 0.75);
}
