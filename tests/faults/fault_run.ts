import { createTimedKv } from "@/lib/kv/timed_kv.ts";
import { createIds } from "@/lib/platform/ids.ts";
import { replyKey, usageEventKey } from "@/lib/kv/keys.ts";
import { createKvSimulatorStore } from "@/lib/kv/simulator_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { createUsageStore } from "@/lib/kv/usage_store.ts";
import { systemScheduler } from "@/lib/platform/system_scheduler.ts";
import type { BillingProvider } from "@/lib/ports/billing_provider.ts";
import { serveStripeSimulator } from "@/lib/stripe/simulator/serve.ts";
import { createStripeSimulator } from "@/lib/stripe/simulator/simulator.ts";
import { createStripeProvider } from "@/lib/stripe/stripe_provider.ts";
import type { Call } from "../support/call.ts";
import {
  EVENT_NAME,
  keyHashOf,
  LIMITED_TENANT,
  seedTenants,
  TENANTS,
} from "../support/metered_tenants.ts";
import { PATIENT_KV } from "../support/patient_kv.ts";
import { Random } from "../support/random.ts";
import { startTcpProxy, type TcpFaultRates } from "../support/tcp_proxy.ts";
import { fastClock, type FastTime } from "./fast_time.ts";
import { Fleet } from "./fleet.ts";

export interface FaultRunOptions {
  readonly seed: number;
  readonly kills: number;
  readonly workers: number;
  readonly clients: number;
  /** How the workers reach the store. */
  readonly workerKvUrl: string;
  /** How the judge reaches it. */
  readonly kv: Deno.Kv;
  /** Calls go on at least for this long. */
  readonly leastMs: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly onProgress?: (kills: number) => void;
}

export interface FaultReport {
  readonly kills: number;
  readonly calls: number;
  readonly attempts: number;
  readonly unitsAcknowledged: bigint;
  readonly unitsCounted: bigint;
  readonly unitsSent: bigint;
  readonly unitsBilled: bigint;
  readonly proxy: Readonly<Record<string, number>>;
  readonly simulatorFaults: number;
  readonly seconds: number;
  readonly violations: readonly string[];
}

/** A minute of the service takes one second. */
const SPEED = 60;
const QUOTA = 600n;
const STRIPE_KEY = "sk_test_faults";
const SETTLE_MAX_MS = 600_000;
const ATTEMPTS_MAX = 400;
const DAY_MS = 86_400_000;
const TCP_FAULTS: TcpFaultRates = {
  refused: 0.05,
  cutRequest: 0.05,
  droppedReply: 0.08,
  truncatedReply: 0.08,
  delayed: 0.2,
};
const NO_TCP_FAULTS: TcpFaultRates = {
  refused: 0,
  cutRequest: 0,
  droppedReply: 0,
  truncatedReply: 0,
  delayed: 0,
};

interface Attempted {
  readonly call: Call;
  attempts: number;
  acknowledged: boolean;
}

/** Load, kills and a hostile way to Stripe; then quiet, and the books against Stripe's. */
export async function runFaults(options: FaultRunOptions): Promise<FaultReport> {
  const started = performance.now();
  const random = new Random(options.seed, 5);
  const time = { baseMs: Date.UTC(2026, 9, 10, 12), realMs: Date.now(), speed: SPEED };
  await using stripe = await openStripe(time);
  let stormy = true;
  await using proxy = startTcpProxy({
    target: { hostname: "127.0.0.1", port: Number(new URL(stripe.url).port) },
    random,
    rates: () => stormy ? TCP_FAULTS : NO_TCP_FAULTS,
  });
  const customers = await stripe.customers();
  const kv = createTimedKv(options.kv, {
    scheduler: systemScheduler,
    ids: createIds({ nowMs: () => Date.now() }),
    ...PATIENT_KV,
  });
  await seedTenants(kv, { quota: QUOTA, customers: (tenantId) => customers.get(tenantId) ?? "" });
  await using fleet = new Fleet(
    {
      kvUrl: options.workerKvUrl,
      stripeUrl: `http://127.0.0.1:${proxy.port}`,
      stripeKey: STRIPE_KEY,
      time,
    },
    random,
    options.environment,
  );
  for (let count = 0; count < options.workers; count++) fleet.start();

  const attempted: Attempted[] = [];
  let serving = true;
  const clients = Array.from({ length: options.clients }, async (_, client) => {
    for (let count = 0; serving; count++) {
      const record = { call: drawCall(random, client, count), attempts: 0, acknowledged: false };
      attempted.push(record);
      await insist(fleet, record);
    }
  });
  const stirring = stir(kv, { stripe, random, active: () => serving });
  await strikeRepeatedly(fleet, random, options);
  await sleep(Math.max(0, options.leastMs - (performance.now() - started)));
  serving = false;
  await Promise.all([...clients, stirring]);
  stormy = false;
  stripe.calm();

  const violations = fleet.defects.length === 0 ? await settled(kv) : [];
  const verdict = await judge(kv, { attempted, stripe, customers, time });
  return {
    kills: fleet.kills,
    calls: attempted.length,
    attempts: attempted.reduce((sum, { attempts }) => sum + attempts, 0),
    ...verdict.units,
    proxy: proxy.counts,
    simulatorFaults: stripe.faults(),
    seconds: (performance.now() - started) / 1_000,
    violations: [...fleet.defects, ...violations, ...verdict.violations],
  };
}

type Kv = ReturnType<typeof createTimedKv>;
type Stripe = Awaited<ReturnType<typeof openStripe>>;

async function openStripe(time: FastTime) {
  const clock = fastClock(time);
  const kv = await Deno.openKv(":memory:");
  const simulator = await createStripeSimulator({
    store: createKvSimulatorStore(kv),
    clock,
    secretKey: STRIPE_KEY,
  });
  const server = serveStripeSimulator(simulator);
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const provider: BillingProvider = createStripeProvider({
    apiKey: STRIPE_KEY,
    apiBase: server.baseUrl,
    meterMode: "v1",
    clock,
    logger,
    simulated: true,
  });
  let faults = 0;
  return {
    url: server.baseUrl,
    provider,
    faults: () => faults,
    /** The next meter events fare badly. */
    spoil(random: Random) {
      // Faults that wait would all hit one call, and then every call: some must get through.
      if (simulator.control.waitingFaults() > 0) return;
      const kinds = ["lose_reply", "error_before", "error_after", "rate_limit"] as const;
      faults++;
      simulator.control.addFault({
        path: "/v1/billing/meter_events",
        action: { kind: random.pick(kinds) },
      });
    },
    calm: () => simulator.control.clearFaults(),
    async customers() {
      await provider.ensureMeter({ eventName: EVENT_NAME, displayName: "Risk score" });
      const found = new Map<string, string>();
      for (const tenantId of TENANTS) {
        const customer = { tenantId, name: tenantId, email: null };
        found.set(tenantId, (await provider.ensureCustomer(customer)).stripeCustomerId);
      }
      return found;
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      kv.close();
    },
  };
}

function drawCall(random: Random, client: number, count: number): Call {
  const tenantId = random.pick(TENANTS);
  return {
    callId: `call_${client}_${count}`,
    tenantId,
    keyHash: keyHashOf(tenantId, 0),
    units: BigInt(random.between(1, 9)),
    guard: random.chance(0.7) ? "reply" : "event",
  };
}

/** Retries one call until it is answered. */
async function insist(fleet: Fleet, record: Attempted): Promise<void> {
  const body = { ...record.call, units: Number(record.call.units) };
  while (record.attempts < ATTEMPTS_MAX && fleet.defects.length === 0) {
    record.attempts++;
    const outcome = await fleet.ask(body);
    record.acknowledged = outcome === "counted";
    if (outcome === "counted" || outcome === "refused") return;
    await sleep(20);
  }
}

async function strikeRepeatedly(
  fleet: Fleet,
  random: Random,
  { kills, onProgress }: FaultRunOptions,
): Promise<void> {
  while (fleet.kills < kills && fleet.defects.length === 0) {
    await sleep(random.between(50, 500));
    if (fleet.strike()) onProgress?.(fleet.kills);
  }
}

/** Configuration changes and Stripe's bad days. */
async function stir(
  kv: Kv,
  { stripe, random, active }: {
    readonly stripe: Stripe;
    readonly random: Random;
    readonly active: () => boolean;
  },
): Promise<void> {
  const tenants = createKvTenantStore(kv);
  while (active()) {
    await sleep(random.between(100, 700));
    stripe.spoil(random);
    try {
      const tenant = await tenants.tenant(random.pick(TENANTS));
      if (tenant === null) continue;
      const changed = { ...tenant.value, name: `stirred ${random.below(1_000)}` };
      await tenants.putTenant(changed, tenant.versionstamp);
    } catch {
      // The store is busy; the next change comes soon.
    }
  }
}

/** Waits until nothing is left to fold, seal or send; says what is left when it takes too long. */
async function settled(kv: Kv): Promise<string[]> {
  const deadline = performance.now() + SETTLE_MAX_MS;
  let left: string[] = ["never looked"];
  while (left.length > 0 && performance.now() < deadline) {
    await sleep(500);
    try {
      left = await leftovers(kv);
    } catch (error) {
      left = [String(error)];
    }
  }
  return left.map((what) => `left after ${SETTLE_MAX_MS} ms: ${what}`);
}

async function leftovers(kv: Kv): Promise<string[]> {
  const left: string[] = [];
  for (const kind of ["minute", "parked", "outbox"]) {
    for await (const { key } of kv.list({ prefix: [kind] }, { limit: 3 })) left.push(key.join("/"));
  }
  const evidence = await readerOf(kv).evidence();
  const books = await readerOf(kv).books();
  if (evidence.moving || books.some(({ log, moving }) => moving || log > 0n)) left.push("the log");
  return left;
}

async function judge(
  kv: Kv,
  { attempted, stripe, customers, time }: {
    readonly attempted: readonly Attempted[];
    readonly stripe: Stripe;
    readonly customers: ReadonlyMap<string, string>;
    readonly time: FastTime;
  },
) {
  const violations: string[] = [];
  const reader = readerOf(kv);
  const units = { unitsAcknowledged: 0n, unitsCounted: 0n, unitsSent: 0n, unitsBilled: 0n };
  for (const tenantId of TENANTS) {
    let marked = 0n;
    // Usage events report what has happened already, and count beyond a quota.
    let underQuota = 0n;
    for (const { call, acknowledged } of attempted) {
      if (call.tenantId !== tenantId) continue;
      const stands = await isMarked(kv, call);
      if (acknowledged) units.unitsAcknowledged += call.units;
      if (acknowledged && !stands) violations.push(`${call.callId} was acknowledged and is lost`);
      if (stands) marked += call.units;
      if (stands && call.guard === "reply") underQuota += call.units;
    }
    const lines = await reader.books({ tenantId });
    const sum = (pick: (line: typeof lines[number]) => bigint) =>
      lines.reduce((total, line) => total + pick(line), 0n);
    const [counted, sent] = [sum((line) => line.acknowledged), sum((line) => line.sent)];
    const [summary] = await stripe.provider.summaries({
      eventName: EVENT_NAME,
      stripeCustomerId: customers.get(tenantId) ?? "",
      startMs: time.baseMs - DAY_MS,
      endMs: time.baseMs + DAY_MS,
    });
    const billed = summary?.units ?? 0n;
    units.unitsCounted += counted;
    units.unitsSent += sent;
    units.unitsBilled += billed;
    if (new Set([marked, counted, sent, billed]).size > 1) {
      violations.push(
        `${tenantId}: calls made ${marked}, counted ${counted}, sent ${sent}, billed ${billed}`,
      );
    }
    if (tenantId === LIMITED_TENANT && underQuota > QUOTA) {
      violations.push(`quota passed: ${underQuota}`);
    }
    violations.push(
      ...lines.filter(({ difference }) => difference !== 0n)
        .map(({ difference }) => `the books of ${tenantId} differ by ${difference}`),
    );
  }
  const { difference } = await reader.evidence();
  if (difference !== 0n) violations.push(`the log and the books differ by ${difference}`);
  return { units, violations };
}

async function isMarked(kv: Kv, { tenantId, callId, guard }: Call): Promise<boolean> {
  const key = guard === "reply"
    ? replyKey(tenantId, callId)
    : usageEventKey(tenantId, "sim", callId);
  return (await kv.get(key)).versionstamp !== null;
}

function readerOf(kv: Kv) {
  return createUsageStore({
    kv,
    log: createUsageLog({ kv }),
    clock: { nowMs: () => Date.now() },
  });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
