/**
 * Acknowledged calls a second through the recorder on a KV file, with the fold running:
 *
 *     deno run -A benchmarks/ingest_bench.ts [--callers 32] [--tenants 1000] [--seconds 10]
 *
 * Prints throughput, latency and what the fold had to do, and checks the books at the end.
 */
import { createOutboxStore } from "@/lib/kv/outbox_store.ts";
import { createQuotaStore } from "@/lib/kv/quota_store.ts";
import { createTimedKv } from "@/lib/kv/timed_kv.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { createUsageStore } from "@/lib/kv/usage_store.ts";
import { MeteringEngine } from "@/lib/metering/engine.ts";
import { createIds } from "@/lib/platform/ids.ts";
import { systemClock } from "@/lib/platform/system_clock.ts";
import { systemScheduler } from "@/lib/platform/system_scheduler.ts";

interface Options {
  readonly callers: number;
  readonly tenants: number;
  readonly seconds: number;
  /** Every call carries a reply to keep, as with an Idempotency-Key. */
  readonly replies: boolean;
}

function parseOptions(args: readonly string[]): Options {
  const number = (name: string, otherwise: number) => {
    const at = args.indexOf(name);
    return at < 0 ? otherwise : Number(args[at + 1]);
  };
  return {
    callers: number("--callers", 32),
    tenants: number("--tenants", 1_000),
    seconds: number("--seconds", 10),
    replies: args.includes("--replies"),
  };
}

async function run(options: Options): Promise<void> {
  const folder = await Deno.makeTempDir();
  const database = await Deno.openKv(`${folder}/bench.db`);
  const ids = createIds(systemClock);
  const kv = createTimedKv(database, { scheduler: systemScheduler, ids });
  const log = createUsageLog({ kv });
  const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error };
  const engine = new MeteringEngine({
    log,
    outbox: createOutboxStore({ kv, databaseEpoch: "bench" }),
    quotas: createQuotaStore({ kv }),
    targets: {
      target: () => Promise.resolve({ kind: "unbillable", reason: "no_stripe_customer" }),
    },
    provider: {
      sendMeterEvent: () => Promise.resolve({ kind: "delivered" }),
      summaries: () => Promise.resolve([]),
    },
    clock: systemClock,
    ids,
    scheduler: systemScheduler,
    logger: quiet,
    windowMs: 5_000,
    durability: "commit",
    sending: false,
  });
  engine.start();
  const latencies: number[] = [];
  let failed = 0;
  const endMs = performance.now() + options.seconds * 1_000;
  const startMs = performance.now();
  const caller = async (index: number) => {
    for (let count = 0; performance.now() < endMs; count++) {
      const tenantId = `tnt_${(index * 7_919 + count * 104_729) % options.tenants}`;
      const entry = {
        tenantId,
        meter: "risk_score",
        planRevision: "growth@1",
        periodId: "2026-05-01",
        keyId: `key_${tenantId}`,
        units: 1n,
      };
      const reply = {
        tenantId,
        idempotencyKey: `${index}-${count}`,
        requestHash: "0".repeat(64),
        status: 200,
        headers: [],
        body: "x".repeat(1_200),
        expiresAtMs: Date.now() + 86_400_000,
      };
      const began = performance.now();
      const outcome = await engine.recorder.record({
        entries: [entry],
        epoch: null,
        ...(options.replies ? { reply } : {}),
      });
      latencies.push(performance.now() - began);
      if (outcome.kind !== "committed") failed += 1;
    }
  };
  await Promise.all(Array.from({ length: options.callers }, (_, index) => caller(index)));
  const seconds = (performance.now() - startMs) / 1_000;
  const foldedFrom = performance.now();
  await engine.drain();
  const drainMs = performance.now() - foldedFrom;
  const reader = createUsageStore({ kv, log, clock: systemClock });
  const books = await reader.books();
  const counted = books.reduce((sum, line) => sum + line.acknowledged, 0n);
  const wrong = books.filter(({ difference }) => difference !== 0n).length;
  latencies.sort((a, b) => a - b);
  const at = (part: number) =>
    (latencies[Math.floor(latencies.length * part)] ?? Number.NaN).toFixed(2);
  const acknowledged = latencies.length - failed;
  console.log(
    `${options.callers} callers, ${options.tenants} tenants, fold every 5 s` +
      `${options.replies ? ", a stored reply with each call" : ""}:\n` +
      `  ${Math.round(acknowledged / seconds).toLocaleString("en")} acknowledged calls/s, ` +
      `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(0.9999)} ms\n` +
      `  ${acknowledged} acknowledged, ${counted} in the books, ${wrong} lines wrong, ` +
      `${failed} unavailable; drained in ${drainMs.toFixed(0)} ms`,
  );
  database.close();
  await Deno.remove(folder, { recursive: true });
}

await run(parseOptions(Deno.args));
