/**
 * What a sandbox starts with. Names of instruments are real so that identifiers validate; every
 * price is synthetic, drawn from a seeded generator, and says nothing about any market.
 */

export interface SampleTenant {
  readonly tenantId: string;
  readonly name: string;
  readonly planId: string;
  readonly ownerEmail: string;
  readonly color: string;
  readonly locale: string;
  readonly timeZone: string;
  /** Typical calls per busy hour; the history follows the working day around it. */
  readonly busyHourCalls: number;
}

export const SAMPLE_TENANTS: readonly SampleTenant[] = [
  {
    tenantId: "tn_northwind",
    name: "Northwind Capital",
    planId: "growth",
    ownerEmail: "ada@northwind.example",
    color: "#2f6f4e",
    locale: "en-US",
    timeZone: "America/New_York",
    busyHourCalls: 420,
  },
  {
    tenantId: "tn_blueharbor",
    name: "Blue Harbor Markets",
    planId: "starter",
    ownerEmail: "noor@blueharbor.example",
    color: "#1f5fa8",
    locale: "en-GB",
    timeZone: "Europe/London",
    busyHourCalls: 90,
  },
];

export interface SampleInstrument {
  readonly isin: string;
  readonly name: string;
  readonly country: string;
  readonly cfiCode: string;
  readonly currency: string;
  readonly mic: string;
  /** Synthetic last close and daily volatility. */
  readonly close: number;
  readonly dailyVolatility: number;
  readonly seed: number;
}

export const SAMPLE_INSTRUMENTS: readonly SampleInstrument[] = [
  equity("US0378331005", "Apple Inc", "US", "USD", "XNAS", 231.12, 0.016, 11),
  equity("US5949181045", "Microsoft Corp", "US", "USD", "XNAS", 468.4, 0.014, 12),
  equity("US88160R1014", "Tesla Inc", "US", "USD", "XNAS", 312.7, 0.034, 13),
  equity("FR0000120271", "TotalEnergies SE", "FR", "EUR", "XPAR", 58.26, 0.015, 14),
  equity("DE0007164600", "SAP SE", "DE", "EUR", "XETR", 244.9, 0.015, 15),
  equity("GB0002634946", "BAE Systems plc", "GB", "GBP", "XLON", 18.42, 0.013, 16),
];

export interface DailyClose {
  /** Civil day, `YYYY-MM-DD`. */
  readonly date: string;
  readonly close: number;
}

/** The last `days` weekdays before `endMs`, walking back from the sample's last close. */
export function sampleCloses(
  { close, dailyVolatility, seed }: SampleInstrument,
  { endMs, days }: { endMs: number; days: number },
): readonly DailyClose[] {
  const random = minimalStandard(seed);
  const closes: DailyClose[] = [];
  let price = close;
  for (let dayMs = endMs - endMs % DAY_MS - DAY_MS; closes.length < days; dayMs -= DAY_MS) {
    const day = new Date(dayMs);
    if (day.getUTCDay() === 0 || day.getUTCDay() === 6) continue;
    closes.push({ date: day.toISOString().slice(0, 10), close: Number(price.toFixed(4)) });
    price *= Math.exp(-dailyVolatility * bellShaped(random) - 0.0002);
  }
  return closes.reverse();
}

/**
 * Calls in the UTC hour `hourMs` of a tenant: more in working hours and on weekdays, with noise
 * drawn from the hour itself, so that the same sandbox date always shows the same history.
 */
export function sampleCalls(tenant: SampleTenant, hourMs: number): number {
  const hour = new Date(hourMs).getUTCHours();
  const weekday = new Date(hourMs).getUTCDay();
  const working = hour >= 7 && hour < 21 ? Math.sin(Math.PI * (hour - 6) / 15) : 0.06;
  const week = weekday === 0 || weekday === 6 ? 0.25 : 1;
  const random = minimalStandard(1 + hourMs / HOUR_MS % 2_147_483_000 + tenant.tenantId.length);
  random();
  return Math.round(tenant.busyHourCalls * working * week * (0.7 + 0.6 * random()));
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

function equity(
  isin: string,
  name: string,
  country: string,
  currency: string,
  mic: string,
  close: number,
  dailyVolatility: number,
  seed: number,
): SampleInstrument {
  return {
    isin,
    name,
    country,
    cfiCode: "ESVUFR",
    currency,
    mic,
    close,
    dailyVolatility,
    seed,
  };
}

/** Park and Miller's minimal standard generator, in (0, 1). */
function minimalStandard(seed: number): () => number {
  let state = seed;
  return () => {
    state = state * 16_807 % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Sum of twelve uniforms, about standard normal. */
function bellShaped(random: () => number): number {
  let sum = -6;
  for (let draw = 0; draw < 12; draw++) sum += random();
  return sum;
}
