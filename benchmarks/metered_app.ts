/** The whole app as a benchmark uses it: one tenant, one key, some priced instruments. */
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
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Result } from "@/lib/domain/result.ts";
import type { Services } from "@/lib/services.ts";

export interface MeteredApp {
  readonly handler: (req: Request, info?: Deno.ServeHandlerInfo) => Promise<Response>;
  readonly key: string;
  readonly instrumentIds: readonly string[];
  readonly services: Services;
  stop(): Promise<void>;
}

const ACT = {
  actor: { kind: "system" as const, id: "benchmark" },
  ip: null,
  requestId: "benchmark",
};
const TENANT_ID = "tn_bench";
const CLOSES = 1_280;

/** Composes the app on a database file; every instrument has five years of closes. */
export async function composeMeteredApp(
  { kvUrl, instruments }: { readonly kvUrl: string; readonly instruments: number },
): Promise<MeteredApp> {
  const env = must(parseEnv({ KV_URL: kvUrl, SANDBOX_SEED: "0", LOG_LEVEL: "error" }));
  const runtime = await compose(env);
  const { services } = runtime;
  await services.plans.putPlan(PLAN, null);
  const act = { deps: services, act: ACT };
  must(
    await createTenant({ tenantId: TENANT_ID, name: "Bench", planRevision: "bench@1" }, act),
  );
  const { secret } = must(
    await createApiKey({ tenantId: TENANT_ID, name: "bench", mode: "test", scopes: ["*"] }, act),
  );
  const instrumentIds = await storeInstruments(services, instruments);
  runtime.start();
  const app = createApp(services);
  (await new Builder<AppState>(config.build).build({ snapshot: "memory" }))(app);
  return {
    handler: app.handler(),
    key: secret,
    instrumentIds,
    services,
    stop: () => runtime.stop(),
  };
}

const PLAN: PlanVersion = {
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
  features: ["batch"],
  limits: { requestsPerSecond: 1_000_000, burst: 1_000_000 },
  graceDays: 14,
  status: "published",
  createdAtMs: 0,
};

/** The first one is a real ISIN, the others are copies of it under ids of their own. */
async function storeInstruments({ market }: Services, count: number): Promise<readonly string[]> {
  const [sample] = SAMPLE_INSTRUMENTS;
  if (sample === undefined) throw new Error("There is a first sample");
  const { isin, cfiCode: cfi_code, currency, mic } = sample;
  const closes = sampleCloses(sample, { endMs: Date.now(), days: CLOSES });
  const ids = Array.from({ length: count }, (_, at) => at === 0 ? isin : `BENCH-${at}`);
  for (const [at, instrumentId] of ids.entries()) {
    const place = { tenantId: TENANT_ID, instrumentId };
    must(await putHistory({ ...place, body: { closes } }, market));
    const terms = { ...at === 0 ? { isin } : {}, cfi_code, currency, mic };
    must(await putInstrument({ ...place, body: terms }, market));
  }
  return ids;
}

function must<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.error.code}: ${result.error.detail}`);
}
