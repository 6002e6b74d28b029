/**
 * Acknowledged ratings per second through the whole path (key, zod, engine, durable commit, fold)
 * against a bare `Deno.serve` JSON reply, in one run on one machine. The servers and the load
 * generator are processes of their own and share its cores.
 *
 *   deno run -A benchmarks/metered_call_bench.ts [--quick]
 */
import { type LoadResult, measureLoad } from "./load.ts";

const CONNECTIONS = 32;
const quick = Deno.args.includes("--quick");
const REQUESTS = quick ? 5_000 : 60_000;
const WARMUP = quick ? 1_000 : 10_000;
const ROUNDS = quick ? 1 : 3;

const ISIN = "US0378331005";
const body = JSON.stringify({ instrument: ISIN, include: ["risk_score"] });

const folder = await Deno.makeTempDir();
const bare = await startServer("benchmarks/bare_server.ts", {});
const metered = await startServer("benchmarks/metered_server.ts", {
  KV_URL: `${folder}/clawmeter.db`,
});
const bareRuns: LoadResult[] = [];
const meteredRuns: LoadResult[] = [];
for (let round = 0; round < ROUNDS; round++) {
  bareRuns.push(await run(bare.port, {}));
  meteredRuns.push(await run(metered.port, { authorization: `Bearer ${metered.key}` }));
}
await bare.stop();
await metered.stop();
await Deno.remove(folder, { recursive: true });

const [plain, full] = [median(bareRuns), median(meteredRuns)];
print("bare Deno.serve, JSON reply", plain);
print("metered rating, durable", full);
const share = full.requestsPerSecond / plain.requestsPerSecond;
console.log(`\nmetered / bare: ${(share * 100).toFixed(1)} %   (median of ${ROUNDS}, alternating)`);

function run(port: number, headers: Record<string, string>): Promise<LoadResult> {
  return measureLoad({
    port,
    method: "POST",
    path: "/v1/ratings",
    headers: { "content-type": "application/json", ...headers },
    body,
    connections: CONNECTIONS,
    warmup: WARMUP,
    requests: REQUESTS,
  });
}

function median(runs: readonly LoadResult[]): LoadResult {
  const sorted = runs.toSorted((a, b) => a.requestsPerSecond - b.requestsPerSecond);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error("At least one run is needed");
  return middle;
}

function print(name: string, { requestsPerSecond, p50Ms, p99Ms, statuses }: LoadResult): void {
  console.log(
    `${name.padEnd(30)} ${String(requestsPerSecond).padStart(7)}/s   p50 ${
      p50Ms.toFixed(2)
    } ms   ` +
      `p99 ${p99Ms.toFixed(2)} ms   ${JSON.stringify(statuses)}`,
  );
}

/** Starts a server that prints `{ port, key }` once it listens. */
async function startServer(script: string, env: Record<string, string>) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script],
    cwd: new URL("../", import.meta.url),
    env,
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`${script} ended before it listened`);
    text += value;
  }
  reader.releaseLock();
  const { port, key }: { port: number; key: string } = JSON.parse(text.split("\n")[0] ?? "");
  return {
    port,
    key,
    stop: async () => {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}
