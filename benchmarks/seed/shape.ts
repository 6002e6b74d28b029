import type { PlanVersion } from "@/lib/domain/plan.ts";
import { periodAt, shiftPeriod } from "@/lib/domain/period.ts";
import { DAY_MS, HOUR_MS } from "@/lib/domain/window.ts";
import type { TenantStatus } from "@/lib/domain/tenant.ts";
import { Random } from "@/tests/support/random.ts";

/** What is to be made up. The same options and the same instant give the same database. */
export interface SeedOptions {
  readonly tenants: number;
  /** Billing periods with usage, the one under way included. */
  readonly months: number;
  readonly seed: number;
  /** The "now" that the history ends at. */
  readonly untilMs: number;
}

/** How much a tenant calls. Most of a real customer list is small or silent; a few carry the load. */
export type Size = "firm" | "large" | "medium" | "small" | "rare" | "silent";

export interface TenantShape {
  readonly index: number;
  readonly tenantId: string;
  readonly name: string;
  readonly size: Size;
  readonly planId: "free" | "starter" | "growth" | "scale";
  /** Moves to the second version of its plan where there is one. */
  readonly follows: boolean;
  readonly createdAtMs: number;
  readonly status: TenantStatus;
  readonly members: number;
  readonly keys: number;
  /** Without a customer at Stripe: its usage waits. */
  readonly isNew: boolean;
}

interface SizeTerms {
  /** Of a thousand tenants, and how many at least. */
  readonly perMille: number;
  readonly least: number;
  readonly planId: TenantShape["planId"];
  readonly meters: number;
  /** Share of hours with calls, in and out of business hours. */
  readonly busy: number;
  readonly quiet: number;
  /** Units of its first meter in such an hour, about. */
  readonly units: number;
  readonly members: readonly [number, number];
  readonly keys: readonly [number, number];
}

export const SIZES: Readonly<Record<Size, SizeTerms>> = {
  firm: {
    perMille: 1,
    least: 1,
    planId: "scale",
    meters: 6,
    busy: 1,
    quiet: 1,
    units: 18_000,
    members: [60, 80],
    keys: [12, 16],
  },
  large: {
    perMille: 5,
    least: 2,
    planId: "scale",
    meters: 5,
    busy: 1,
    quiet: 0.1,
    units: 3_000,
    members: [12, 30],
    keys: [4, 8],
  },
  medium: {
    perMille: 80,
    least: 3,
    planId: "growth",
    meters: 3,
    busy: 0.25,
    quiet: 0.01,
    units: 260,
    members: [3, 9],
    keys: [2, 4],
  },
  small: {
    perMille: 420,
    least: 1,
    planId: "starter",
    meters: 2,
    busy: 0.06,
    quiet: 0.001,
    units: 24,
    members: [1, 4],
    keys: [1, 2],
  },
  rare: {
    perMille: 300,
    least: 1,
    planId: "starter",
    meters: 1,
    busy: 0.004,
    quiet: 0,
    units: 3,
    members: [1, 2],
    keys: [1, 1],
  },
  silent: {
    perMille: 194,
    least: 0,
    planId: "free",
    meters: 0,
    busy: 0,
    quiet: 0,
    units: 0,
    members: [1, 1],
    keys: [0, 1],
  },
};

const FIRST = ["Alder", "Basalt", "Cobalt", "Delta", "Ember", "Fjord", "Granite", "Harbor", "Iris"];
const SECOND = ["Asset", "Bridge", "Capital", "Desk", "Equity", "Fund", "Global", "Index", "Risk"];
const THIRD = ["AG", "Advisors", "Analytics", "Bank", "GmbH", "Group", "Inc.", "Ltd", "Partners"];

/** Start of the first period of the history. */
export function historyStartMs({ untilMs, months }: SeedOptions): number {
  return shiftPeriod(periodAt(untilMs, "month"), 1 - months, "month").startMs;
}

/** All tenants, biggest first; their ids and names are mixed, as sign-ups are. */
export function tenantShapes(options: SeedOptions): readonly TenantShape[] {
  const { tenants, seed } = options;
  const random = new Random(seed, 1);
  const places = Array.from({ length: tenants }, (_, at) => at);
  for (let at = tenants - 1; at > 0; at--) {
    const other = random.below(at + 1);
    [places[at], places[other]] = [places[other] ?? 0, places[at] ?? 0];
  }
  return places.map((place, index) => tenantShape({ index, place, random, options }));
}

function tenantShape(
  { index, place, random, options }: {
    readonly index: number;
    readonly place: number;
    readonly random: Random;
    readonly options: SeedOptions;
  },
): TenantShape {
  const size = sizeAt(index, options.tenants);
  const { planId, members, keys } = SIZES[size];
  const startMs = historyStartMs(options);
  const spanMs = options.untilMs - startMs;
  const words = [random.pick(FIRST), random.pick(SECOND), random.pick(THIRD)];
  const lateJoiner = size !== "firm" && random.chance(0.4);
  // The last two periods have only tenants that joined before: theirs are the bills at Stripe.
  const joinSpanMs = Math.max(0, spanMs - 62 * DAY_MS);
  return {
    index,
    tenantId: `ten_${String(place).padStart(5, "0")}`,
    name: `${words.join(" ")} ${place}`,
    size,
    planId,
    follows: random.chance(0.65),
    createdAtMs: startMs + (lateJoiner ? Math.floor(random.unit() * joinSpanMs) : 0),
    status: size === "firm" ? "active" : statusOf(random),
    members: random.between(...members),
    keys: random.between(...keys),
    isNew: size === "small" && random.chance(0.02),
  };
}

/** By place in the order of size, so that a small sample has the big ones too. */
function sizeAt(index: number, tenants: number): Size {
  let upTo = 0;
  for (const size of ["firm", "large", "medium", "small", "rare"] as const) {
    const { perMille, least } = SIZES[size];
    upTo += Math.max(least, Math.round(perMille * tenants / 1_000));
    if (index < upTo) return size;
  }
  return "silent";
}

function statusOf(random: Random): TenantStatus {
  const at = random.unit();
  if (at < 0.04) return "closed";
  if (at < 0.06) return "suspended";
  return at < 0.1 ? "past_due" : "active";
}

export interface HourUse {
  readonly startMs: number;
  readonly meter: string;
  /** Which of the tenant's keys, from 0. */
  readonly key: number;
  readonly units: bigint;
}

/**
 * Usage of one day, hour by hour: business hours of working days, a slow growth over the months, a
 * wave over the day, and noise. `random` must be asked for the days in order.
 */
export function dayUse(
  { shape, plan, dayMs, options, random }: {
    readonly shape: TenantShape;
    readonly plan: PlanVersion;
    readonly dayMs: number;
    readonly options: SeedOptions;
    readonly random: Random;
  },
): readonly HourUse[] {
  const terms = SIZES[shape.size];
  const uses: HourUse[] = [];
  const weekday = new Date(dayMs).getUTCDay();
  const months = (dayMs - historyStartMs(options)) / (30 * DAY_MS);
  for (let hour = 0; hour < 24; hour++) {
    const startMs = dayMs + hour * HOUR_MS;
    const isBusiness = weekday >= 1 && weekday <= 5 && hour >= 8 && hour < 18;
    if (!random.chance(isBusiness ? terms.busy : terms.quiet)) continue;
    if (startMs < shape.createdAtMs || startMs + HOUR_MS > options.untilMs) continue;
    const wave = 0.7 + 0.3 * Math.sin((hour - 6) * Math.PI / 12);
    const level = terms.units * wave * (1 + 0.03 * months) * (isBusiness ? 1 : 0.4);
    for (const [at, { meter }] of plan.meters.slice(0, terms.meters).entries()) {
      const share = 1 / (1 + at);
      const units = Math.ceil(level * share * (0.6 + 0.8 * random.unit()));
      const keys = Math.max(1, Math.min(shape.keys, 3));
      const key = random.below(keys);
      const second = keys > 1 && units > 10 && random.chance(0.3);
      const rest = second ? Math.floor(units * 0.25) : 0;
      uses.push({ startMs, meter, key, units: BigInt(units - rest) });
      if (rest > 0) uses.push({ startMs, meter, key: (key + 1) % keys, units: BigInt(rest) });
    }
  }
  return uses;
}
