/**
 * How many Stripe calls a million metered calls take: the real recorder, fold, seal and sender under
 * a clock that runs ahead, against one call per metered call and one per tenant, meter and 5-second
 * window.
 *
 *   deno run -A benchmarks/stripe_calls.ts [--calls 100000] [--tenants 50] [--minutes 30]
 */
import { parseArgs } from "node:util";
import { createOutboxStore } from "@/lib/kv/outbox_store.ts";
import { createQuotaStore } from "@/lib/kv/quota_store.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { createUsageStore } from "@/lib/kv/usage_store.ts";
import { MeteringEngine } from "@/lib/metering/engine.ts";
import { createIds } from "@/lib/platform/ids.ts";
import { systemScheduler } from "@/lib/platform/system_scheduler.ts";

const { values } = parseArgs({
  options: {
    calls: { type: "string", default: "100000" },
    tenants: { type: "string", default: "50" },
    minutes: { type: "string", default: "30" },
  },
});
const [calls, tenants, minutes] = [values.calls, values.tenants, values.minutes].map(Number);
if (!calls || !tenants || !minutes) throw new Error("--calls, --tenants and --minutes are numbers");

const METERS = ["risk_score", "price_feed", "compliance"];
const WINDOW_MS = 5_000;
let nowMs = Date.UTC(2026, 10, 24, 10);
const clock = { nowMs: () => nowMs };
const kv = await Deno.openKv(":memory:");
const log = createUsageLog({ kv });
const usage = createUsageStore({ kv, log, clock });
let sent = 0;
const engine = new MeteringEngine({
  log,
  outbox: createOutboxStore({ kv, databaseEpoch: "bench" }),
  quotas: createQuotaStore({ kv }),
  targets: {
    target: ({ tenantId, meter }) =>
      Promise.resolve({
        kind: "billable",
        eventName: meter,
        stripeCustomerId: `cus_${tenantId}`,
        interval: "month",
        prices: { kind: "in_force", sinceMs: 0 },
      }),
  },
  provider: {
    sendMeterEvent: () => {
      sent++;
      return Promise.resolve({ kind: "delivered" });
    },
    summaries: () => Promise.resolve([]),
  },
  clock,
  ids: createIds(clock),
  scheduler: systemScheduler,
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  windowMs: WINDOW_MS,
  durability: "commit",
  sending: true,
});

const windows = new Set<string>();
const windowsInAll = minutes * 60_000 / WINDOW_MS;
let state = 1;
for (let window = 0; window < windowsInAll; window++) {
  const now = Math.floor(calls * (window + 1) / windowsInAll) -
    Math.floor(calls * window / windowsInAll);
  await Promise.all(Array.from({ length: now }, () => {
    const tenantId = `tn_${draw(tenants)}`;
    const meter = METERS[draw(METERS.length)] ?? "risk_score";
    windows.add(`${window} ${tenantId} ${meter}`);
    return engine.recorder.record({
      epoch: null,
      entries: [{
        tenantId,
        meter,
        planRevision: "bench@1",
        periodId: "2026-11-01",
        keyId: "key",
        units: 1n,
      }],
    });
  }));
  nowMs += WINDOW_MS;
  await engine.folder.foldOwn();
  if (nowMs % 60_000 === 0) await engine.flushDue();
}
nowMs += 3 * 60_000;
await engine.flushDue();
await engine.drain();

const lines = await usage.books();
const acknowledged = lines.reduce((sum, line) => sum + line.acknowledged, 0n);
const delivered = lines.reduce((sum, line) => sum + line.sent, 0n);
kv.close();
if (acknowledged !== BigInt(calls) || delivered !== acknowledged) {
  throw new Error(`${calls} calls, ${acknowledged} acknowledged, ${delivered} units sent`);
}
const perMillion = (count: number) => Math.round(count * 1_000_000 / calls).toLocaleString("en");
console.log(
  `${calls} calls of ${tenants} tenants on ${METERS.length} meters in ${minutes} minutes`,
);
console.log(`Stripe calls per million: ${perMillion(sent)}`);
console.log(`  one per 5-second window would be ${perMillion(windows.size)}`);
console.log(`  one per call would be            1,000,000`);
console.log(
  `saved: ${share(sent, calls)} of one per call, ${share(sent, windows.size)} of one per window`,
);

function share(part: number, whole: number): string {
  return `${((1 - part / whole) * 100).toFixed(1)} %`;
}

function draw(below: number): number {
  state = state * 16_807 % 2_147_483_647;
  return Math.floor(state / 2_147_483_647 * below);
}
