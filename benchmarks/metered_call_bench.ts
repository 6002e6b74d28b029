/**
 * What a metered rating costs through the whole path (key, limits, zod, engine, durable commit,
 * fold), against a bare `Deno.serve` JSON reply. Servers and load generator are processes of their
 * own and share one machine; every round runs all of them one after the other, and ratios are taken
 * within a round, so that a machine whose speed drifts, or that others use, cancels out.
 *
 *   deno run -A benchmarks/metered_call_bench.ts [--quick] [--rounds 5] [--instruments 200]
 *       [--connections 32] [--items 50] [--pace 500]
 */
import { type LoadResult, type LoadSpec, measureLoad } from "./load.ts";
import { ServerProcess } from "./server_process.ts";

const quick = Deno.args.includes("--quick");
const ROUNDS = option("--rounds", quick ? 1 : 5);
const CONNECTIONS = option("--connections", 32);
const INSTRUMENTS = option("--instruments", quick ? 20 : 200);
const ITEMS = option("--items", 50);
const PER_SECOND = option("--pace", 500);
const REQUESTS = quick ? 5_000 : 20_000;
const BATCHES = Math.ceil(REQUESTS / ITEMS);
const PACED_SECONDS = quick ? 3 : 10;

interface Run extends LoadResult {
  /** Microseconds of processor time per request: of the server, and of its JavaScript thread. */
  readonly cpuMicros: number;
  readonly mainMicros: number;
}

const folder = await Deno.makeTempDir();
const bare = await ServerProcess.start("benchmarks/bare_server.ts");
const metered = await ServerProcess.start("benchmarks/metered_server.ts", {
  KV_URL: `${folder}/clawmeter.db`,
  INSTRUMENTS: String(INSTRUMENTS),
});
const bodies = metered.facts.instrumentIds.map(ratingBody);
const batches = [
  JSON.stringify({
    items: Array.from({ length: ITEMS }, (_, at) => JSON.parse(bodies[at % bodies.length] ?? "{}")),
  }),
];
const headers = {
  "content-type": "application/json",
  authorization: `Bearer ${metered.facts.key}`,
};
const call = { method: "POST", path: "/v1/ratings", headers, bodies, connections: CONNECTIONS };
const LOADS = {
  bare: [bare, { ...call, requests: REQUESTS }],
  metered: [metered, { ...call, requests: REQUESTS }],
  paced: [metered, { ...call, requests: PER_SECOND * PACED_SECONDS, perSecond: PER_SECOND }],
  batch: [
    metered,
    { ...call, path: "/v1/ratings/batch", bodies: batches, connections: 4, requests: BATCHES },
  ],
} satisfies Record<string, readonly [ServerProcess, Omit<LoadSpec, "port">]>;
type LoadName = keyof typeof LOADS;
const TITLES: Readonly<Record<LoadName, string>> = {
  bare: "bare Deno.serve, JSON reply",
  metered: "metered rating, durable",
  paced: `metered rating, at ${PER_SECOND}/s`,
  batch: `batch of ${ITEMS} metered ratings`,
};
const NAMES: readonly LoadName[] = ["bare", "metered", "paced", "batch"];

const runs: Record<LoadName, Run[]> = { bare: [], metered: [], paced: [], batch: [] };
const loopDelays: { p99Ms: number; maxMs: number }[] = [];
for (const name of NAMES) await run(name, { warmUp: true });
const before = await cacheCounts();
for (let round = 0; round < ROUNDS; round++) {
  for (const name of NAMES) {
    await loopDelay();
    runs[name].push(await run(name));
    if (name === "paced") loopDelays.push(await loopDelay());
  }
}
const after = await cacheCounts();
const resident = metered.residentMiB();
await bare.stop();
await metered.stop();
await Deno.remove(folder, { recursive: true });
report();

async function run(name: LoadName, { warmUp = false } = {}): Promise<Run> {
  const [server, load] = LOADS[name];
  const started = server.cpu();
  const requests = warmUp ? Math.ceil(load.requests / 4) : load.requests;
  const result = await measureLoad({ ...load, port: server.port, requests });
  const ended = server.cpu();
  const each = (part: "all" | "main") =>
    started === null || ended === null ? NaN : (ended[part] - started[part]) / requests;
  return { ...result, cpuMicros: each("all"), mainMicros: each("main") };
}

function report(): void {
  const table = NAMES.map((name) => ({ name, ...middle(runs[name]) }));
  console.log(
    "per call".padEnd(36) + "calls/s   p50 ms   p99 ms   CPU us   of JS thread   statuses",
  );
  for (const { name, ...row } of table) {
    console.log(
      TITLES[name].padEnd(34) + fixed(row.requestsPerSecond, 9, 0) + fixed(row.p50Ms, 9, 2) +
        fixed(row.p99Ms, 9, 2) + fixed(row.cpuMicros, 9, 1) + fixed(row.mainMicros, 15, 1) +
        "   " + JSON.stringify(row.statuses),
    );
  }
  const share = ratio("metered", "bare", ({ requestsPerSecond }) => requestsPerSecond);
  const cpu = ratio("metered", "bare", ({ cpuMicros }) => cpuMicros);
  const items = median(runs.batch.map(({ requestsPerSecond }) => requestsPerSecond * ITEMS));
  const itemMicros = median(runs.batch.map(({ cpuMicros }) => cpuMicros / ITEMS));
  const hits = after.hits - before.hits;
  const asked = hits + after.misses - before.misses;
  console.log(`
medians of ${ROUNDS} alternating rounds, ${CONNECTIONS} connections, ${INSTRUMENTS} instruments
throughput, metered / bare         ${(share * 100).toFixed(1)} %
processor time, metered / bare     ${cpu.toFixed(1)} x
batches of ${ITEMS}                      ${items.toFixed(0)} units/s, ${
    itemMicros.toFixed(1)
  } us a unit
rating cache                       ${(hits * 100 / asked).toFixed(2)} % hits of ${asked}
event loop held up, paced          p99 ${
    median(loopDelays.map(({ p99Ms }) => p99Ms)).toFixed(2)
  } ms, max ${median(loopDelays.map(({ maxMs }) => maxMs)).toFixed(1)} ms
resident memory at the end         ${resident ?? "?"} MiB`);
}

/** Within each round, then the middle one. */
function ratio(a: LoadName, b: LoadName, figure: (run: Run) => number): number {
  return median(runs[a].map((run, round) => figure(run) / figure(runs[b][round] ?? run)));
}

function middle(of: readonly Run[]): Run {
  const sorted = of.toSorted((a, b) => a.cpuMicros - b.cpuMicros);
  const found = sorted[Math.floor(sorted.length / 2)];
  if (found === undefined) throw new Error("At least one round is needed");
  return found;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

async function cacheCounts(): Promise<{ hits: number; misses: number }> {
  const text = await (await fetch(`http://127.0.0.1:${metered.port}/metrics`)).text();
  const read = (name: string) =>
    Number(new RegExp(`^clawmeter_rating_cache_${name}_total (\\d+)$`, "m").exec(text)?.[1]);
  return { hits: read("hits"), misses: read("misses") };
}

async function loopDelay(): Promise<{ p99Ms: number; maxMs: number }> {
  return await (await fetch(`http://127.0.0.1:${metered.port}/loop-delay`)).json();
}

function ratingBody(instrument: string): string {
  return JSON.stringify({ instrument, include: ["risk_score"] });
}

function option(name: string, otherwise: number): number {
  const at = Deno.args.indexOf(name);
  return at === -1 ? otherwise : Number(Deno.args[at + 1]);
}

function fixed(value: number, width: number, decimals: number): string {
  return value.toFixed(decimals).padStart(width);
}
