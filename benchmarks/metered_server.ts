/** The whole app on a database file, with one tenant and one priced instrument. */
import { Builder } from "fresh/dev";
import config from "@/fresh.config.ts";
import { compose } from "@/lib/compose.ts";
import { createApp } from "@/lib/create_app.ts";
import type { AppState } from "@/lib/http/define.ts";
import { tierLadder } from "@/lib/domain/tiers.ts";
import { parseEnv } from "@/lib/platform/env.ts";
import { putInstrument } from "@/lib/rating/instruments.ts";
import { putHistory } from "@/lib/rating/prices.ts";
import { SAMPLE_INSTRUMENTS, sampleCloses } from "@/lib/sandbox/samples.ts";
import { createApiKey } from "@/lib/tenancy/api_keys.ts";
import { createTenant } from "@/lib/tenancy/tenants.ts";
import type { Result } from "@/lib/domain/result.ts";

const ACT = {
  actor: { kind: "system" as const, id: "benchmark" },
  ip: null,
  requestId: "benchmark",
};
const env = must(parseEnv({
  KV_URL: Deno.env.get("KV_URL") ?? ":memory:",
  SANDBOX_SEED: "0",
  LOG_LEVEL: "error",
}));
const runtime = await compose(env);
const { services } = runtime;
await services.plans.putPlan({
  planId: "bench",
  revision: 1,
  planRevision: "bench@1",
  name: "Bench",
  description: "",
  currency: "usd",
  interval: "month",
  baseFee: 0n,
  minimumCommitment: 0n,
  meters: [{
    meter: "risk_score",
    price: {
      model: "graduated",
      tiers: tierLadder(
        { upTo: 1_000_000n, unitAmount: 4n * 10n ** 11n, flatAmount: 0n },
        { upTo: null, unitAmount: 2n * 10n ** 11n, flatAmount: 0n },
      ),
    },
    includedUnits: 1_000n,
    quota: null,
  }],
  features: [],
  limits: { requestsPerSecond: 1_000_000, burst: 1_000_000 },
  graceDays: 14,
  status: "published",
  createdAtMs: 0,
}, null);
const tenantId = "tn_bench";
must(
  await createTenant({ tenantId, name: "Bench", planRevision: "bench@1" }, {
    deps: services,
    act: ACT,
  }),
);
const { secret } = must(
  await createApiKey({ tenantId, name: "bench", mode: "test", scopes: ["*"] }, {
    deps: services,
    act: ACT,
  }),
);
const [instrument] = SAMPLE_INSTRUMENTS;
if (instrument === undefined) throw new Error("There is a first sample");
const { isin: instrumentId, cfiCode, currency, mic } = instrument;
const closes = sampleCloses(instrument, { endMs: Date.now(), days: 1_280 });
must(await putHistory({ tenantId, instrumentId, body: { closes } }, services.market));
const terms = { isin: instrumentId, cfi_code: cfiCode, currency, mic };
must(await putInstrument({ tenantId, instrumentId, body: terms }, services.market));
runtime.start();
const app = createApp(services);
(await new Builder<AppState>(config.build).build({ snapshot: "memory" }))(app);
const server = Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(JSON.stringify({ port, key: secret })),
}, app.handler());
Deno.addSignalListener("SIGTERM", async () => {
  await server.shutdown();
  await runtime.stop();
  Deno.exit(0);
});

function must<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.error.code}: ${result.error.detail}`);
}
