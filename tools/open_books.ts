import type { CatalogDeps } from "@/lib/catalog/deps.ts";
import type { BillingDeps } from "@/lib/billing/deps.ts";
import { composeProvider } from "@/lib/compose/provider.ts";
import { composeSecrets } from "@/lib/compose/secrets.ts";
import { createKvBillingStore } from "@/lib/kv/billing_store.ts";
import { createKvDryRunStore } from "@/lib/kv/dry_run_store.ts";
import { openKv } from "@/lib/kv/open_kv.ts";
import { createKvPlanStore } from "@/lib/kv/plan_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { createUsageStore } from "@/lib/kv/usage_store.ts";
import { type Env, loadEnv } from "@/lib/platform/env.ts";
import { createIds } from "@/lib/platform/ids.ts";
import { createJsonLogger, writeToStderr } from "@/lib/platform/json_logger.ts";
import { readSandboxFile, sandboxFilePath } from "@/lib/platform/sandbox_file.ts";
import { systemClock } from "@/lib/platform/system_clock.ts";
import { systemScheduler } from "@/lib/platform/system_scheduler.ts";
import type { BillingProvider } from "@/lib/ports/billing_provider.ts";
import { createStripeProvider } from "@/lib/stripe/stripe_provider.ts";

/** The database and the billing provider, without the engine that counts and sends. */
export interface Books {
  readonly catalog: CatalogDeps;
  readonly billing: Omit<BillingDeps, "metering">;
  close(): Promise<void>;
}

const PROBE_TIMEOUT_MS = 2_000;

/** Opens what the environment names; throws with one message that lists every problem. */
export async function openBooks(): Promise<Books> {
  const loaded = loadEnv();
  if (!loaded.ok) throw new Error(loaded.error.detail);
  const env = loaded.value;
  const clock = systemClock;
  const logger = createJsonLogger({ level: env.logLevel, clock, write: writeToStderr });
  const ids = createIds(clock);
  const kv = await openKv(env.kv, { scheduler: systemScheduler, ids });
  const { provider, close } = await openProvider(env, { clock, logger, ids });
  const tenants = createKvTenantStore(kv);
  const plans = createKvPlanStore(kv);
  const usage = createUsageStore({ kv, log: createUsageLog({ kv }), clock });
  const shared = { clock, ids, tenants, plans, usage, provider };
  return {
    catalog: { ...shared, dryRuns: createKvDryRunStore(kv) },
    billing: { ...shared, logger, store: createKvBillingStore(kv) },
    async close() {
      await close();
      kv.close();
    },
  };
}

/** A running sandbox has the simulator; a second one over the same file would not know of it. */
async function openProvider(
  env: Env,
  deps: Pick<BillingDeps, "clock" | "logger" | "ids">,
): Promise<{ provider: BillingProvider; close(): Promise<void> }> {
  const apiBase = env.stripe.secretKey === null ? await runningSimulator(env) : null;
  const secrets = await composeSecrets(env, deps.ids);
  if (apiBase === null) {
    return await composeProvider({ env, secrets, ...deps, kvTimeoutMs: undefined });
  }
  const { meterMode } = env.stripe;
  const options = { apiKey: secrets.simulatorKey, apiBase, meterMode, simulated: true, ...deps };
  return { provider: createStripeProvider(options), close: () => Promise.resolve() };
}

async function runningSimulator(env: Env): Promise<string | null> {
  const baseUrl = (await readSandboxFile(sandboxFilePath(env)))?.stripe.baseUrl ?? "";
  if (baseUrl === "") return null;
  const probe = fetch(baseUrl, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
  return await probe.then(async (answer) => {
    await answer.body?.cancel();
    return baseUrl;
  }, () => null);
}
