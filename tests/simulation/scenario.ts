import type { KvFaultRates } from "../support/faulty_kv.ts";
import { NO_KV_FAULTS } from "../support/faulty_kv.ts";
import { Random } from "../support/random.ts";
import type { Outage, StripeWireRates } from "./stripe_client.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

export const NO_STRIPE_FAULTS: StripeWireRates = {
  throttled: 0,
  error500: 0,
  refused: 0,
  asyncRefusal: 0,
  lostRequest: 0,
  lostReply: 0,
  late: 0,
};

/** What one seed plays: everything that is drawn before the first event. */
export interface Scenario {
  readonly seed: number;
  readonly startMs: number;
  readonly instances: number;
  readonly clients: number;
  readonly callsPerClient: number;
  /** Segments that a ring holds: small, so that it runs around and fills up. */
  readonly ringSize: number;
  /** Difference of each instance's clock. */
  readonly skewsMs: readonly number[];
  /** Longest way to the store, and back. */
  readonly kvLatencyMs: number;
  readonly kvFaults: KvFaultRates;
  readonly stripeFaults: StripeWireRates;
  readonly outages: readonly Outage[];
  /** Virtual time at which the faults stop. */
  readonly calmAtMs: number;
  /** When all instances flush at once. */
  readonly stampedesAtMs: readonly number[];
  /** Event counts after which some instance is killed. */
  readonly killsAtStep: readonly number[];
  /** Configuration changes while calls are served. */
  readonly changes: readonly { readonly afterCalls: number; readonly kind: ConfigChangeKind }[];
  /** What operators do while calls are served. */
  readonly acts: readonly { readonly afterCalls: number; readonly kind: OperatorActKind }[];
  /** Its first tenant begins without a customer at Stripe. */
  readonly unlinked: boolean;
  /** The end of the month is billed, if it is crossed. */
  readonly billed: boolean;
  /** Sent units are looked for in Stripe's summaries, hour by hour. */
  readonly confirmed: boolean;
  /** Event counts after which the books are read and must balance. */
  readonly auditsAtStep: readonly number[];
  readonly quota: bigint;
}

export type ConfigChangeKind = "revoke_key" | "change_plan" | "touch_tenant";
export type OperatorActKind = "correct" | "close_tenant";

/** The storm of calls lasts this long. */
export const STORM_MS = 4 * MINUTE_MS;
/** The end of a month. */
export const MIDNIGHT_MS = Date.UTC(2026, 10, 1);

export function drawScenario(seed: number): Scenario {
  const random = new Random(seed, 2);
  // Half of all schedules cross the end of a month.
  const startMs = MIDNIGHT_MS - random.below(2 * STORM_MS);
  const outages = drawOutages(random, startMs);
  const lastOutageMs = outages.at(-1)?.endMs ?? startMs;
  return {
    seed,
    startMs,
    instances: random.between(1, 3),
    clients: random.between(1, 4),
    callsPerClient: random.between(3, 10),
    ringSize: random.between(2, 8),
    skewsMs: drawSkews(random),
    kvLatencyMs: random.pick([4, 12, 60, 400]),
    kvFaults: drawKvFaults(random),
    stripeFaults: drawStripeFaults(random),
    outages,
    calmAtMs: Math.max(startMs + STORM_MS, lastOutageMs) + random.below(20 * MINUTE_MS),
    stampedesAtMs: drawStampedes(random, { startMs, lastOutageMs }),
    killsAtStep: drawKills(random),
    changes: drawChanges(random),
    acts: drawActs(random),
    unlinked: random.chance(0.1),
    billed: random.chance(0.4),
    confirmed: random.chance(0.25),
    auditsAtStep: [random.below(300), random.below(1_000), random.below(2_000)],
    quota: BigInt(random.between(20, 400)),
  };
}

/** A few seconds as a rule, at times far more than any lease. */
function drawSkews(random: Random): number[] {
  const most = random.chance(0.3) ? 120 : 3;
  return Array.from({ length: 3 }, () => random.between(-most, most) * SECOND_MS);
}

function drawOutages(random: Random, startMs: number): Outage[] {
  if (random.chance(0.35)) return [];
  const beginMs = startMs + MINUTE_MS + random.below(STORM_MS);
  const lasts = random.chance(0.6)
    ? random.between(25 * HOUR_MS, 65 * HOUR_MS)
    : random.between(MINUTE_MS, 3 * HOUR_MS);
  return [{ startMs: beginMs, endMs: beginMs + lasts }];
}

function drawKvFaults(random: Random): KvFaultRates {
  if (random.chance(0.1)) return NO_KV_FAULTS;
  const heavy = random.chance(0.3) ? 3 : 1;
  const rate = (most: number) => random.chance(0.3) ? 0 : random.unit() * most * heavy;
  return {
    refused: rate(0.03),
    locked: rate(0.05),
    lostReply: rate(0.08),
    repeated: rate(0.1),
    hung: rate(0.01),
    stale: rate(0.3),
  };
}

function drawStripeFaults(random: Random): StripeWireRates {
  if (random.chance(0.1)) return NO_STRIPE_FAULTS;
  const rate = (most: number) => random.chance(0.3) ? 0 : random.unit() * most;
  return {
    throttled: rate(0.2),
    error500: rate(0.3),
    refused: rate(0.05),
    asyncRefusal: rate(0.1),
    lostRequest: rate(0.2),
    lostReply: rate(0.4),
    late: rate(0.1),
  };
}

function drawKills(random: Random): number[] {
  const kills = random.pick([0, 0, 1, 1, 2, 3, 5]);
  return Array.from({ length: kills }, () => random.between(20, 1_500));
}

function drawChanges(random: Random): Scenario["changes"] {
  const count = random.pick([0, 1, 2, 4]);
  return Array.from({ length: count }, () => ({
    afterCalls: random.between(1, 30),
    kind: random.pick<ConfigChangeKind>([
      "revoke_key",
      "change_plan",
      "change_plan",
      "touch_tenant",
    ]),
  })).sort((left, right) => left.afterCalls - right.afterCalls);
}

function drawActs(random: Random): Scenario["acts"] {
  const count = random.pick([0, 0, 1, 4]);
  return Array.from({ length: count }, () => ({
    afterCalls: random.between(1, 30),
    kind: random.pick<OperatorActKind>(["correct", "correct", "correct", "close_tenant"]),
  })).sort((left, right) => left.afterCalls - right.afterCalls);
}

/** In the storm, and when all that an outage held up is due at once. */
function drawStampedes(
  random: Random,
  { startMs, lastOutageMs }: { readonly startMs: number; readonly lastOutageMs: number },
): number[] {
  if (random.chance(0.5)) return [];
  const inStorm = startMs + 2 * MINUTE_MS + random.below(STORM_MS);
  return [inStorm, lastOutageMs + random.below(2 * MINUTE_MS)].sort((a, b) => a - b);
}
