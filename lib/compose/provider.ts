import { openKv } from "@/lib/kv/open_kv.ts";
import { createKvSimulatorStore } from "@/lib/kv/simulator_store.ts";
import { createIds } from "@/lib/platform/ids.ts";
import { systemScheduler } from "@/lib/platform/system_scheduler.ts";
import type { Env } from "@/lib/platform/env.ts";
import type { SandboxSecrets } from "@/lib/platform/sandbox_secrets.ts";
import type { BillingProvider } from "@/lib/ports/billing_provider.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import { serveStripeSimulator } from "@/lib/stripe/simulator/serve.ts";
import { createStripeSimulator } from "@/lib/stripe/simulator/simulator.ts";
import { createStripeProvider } from "@/lib/stripe/stripe_provider.ts";
import { createWebhookVerifier, type WebhookVerifier } from "@/lib/stripe/webhooks.ts";

/** Stripe, or in the sandbox a simulator that the same SDK talks to over HTTP. */
export interface RunningProvider {
  readonly provider: BillingProvider;
  readonly webhooks: WebhookVerifier;
  /** Address of the simulator, `null` with a real key. */
  readonly simulatorUrl: string | null;
  close(): Promise<void>;
}

interface ProviderParts {
  readonly env: Env;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What the simulator is guarded with; a real key needs none of it. */
  readonly secrets: SandboxSecrets;
  /** Longest wait for one answer of the simulator's own database. */
  readonly kvTimeoutMs: number | undefined;
}

export async function composeProvider(parts: ProviderParts): Promise<RunningProvider> {
  const { env, clock, logger } = parts;
  const { secretKey, apiBase, meterMode } = env.stripe;
  if (secretKey === null) return await composeSimulator(parts);
  return {
    provider: createStripeProvider({
      apiKey: secretKey,
      meterMode,
      clock,
      logger,
      ...(apiBase === null ? {} : { apiBase }),
    }),
    webhooks: createWebhookVerifier({
      snapshotSecrets: env.stripe.webhookSecrets,
      thinSecrets: env.stripe.thinWebhookSecrets,
      livemode: env.mode === "live",
      clock,
    }),
    simulatorUrl: null,
    close: () => Promise.resolve(),
  };
}

/** Its state is a file of its own beside the database, as Stripe's is somewhere else. */
async function composeSimulator(
  { env, clock, logger, secrets, kvTimeoutMs }: ProviderParts,
): Promise<RunningProvider> {
  const { url } = env.kv;
  const inMemory = url === null || url === ":memory:" || /^https?:/.test(url);
  const address = { url: inMemory ? ":memory:" : `${url}.stripe` };
  const kv = await openKv(address, {
    scheduler: systemScheduler,
    ids: createIds(clock),
    ...kvTimeoutMs === undefined ? {} : { timeoutMs: kvTimeoutMs },
  });
  const simulator = await createStripeSimulator({
    store: createKvSimulatorStore(kv),
    clock,
    secretKey: secrets.simulatorKey,
    webhooks: {
      snapshot: { url: `${env.baseUrl}/webhooks/stripe`, secret: secrets.snapshotWebhook },
      thin: { url: `${env.baseUrl}/webhooks/stripe/thin`, secret: secrets.thinWebhook },
    },
  });
  const server = serveStripeSimulator(simulator);
  return {
    provider: createStripeProvider({
      apiKey: secrets.simulatorKey,
      apiBase: server.baseUrl,
      meterMode: env.stripe.meterMode,
      clock,
      logger,
      simulated: true,
    }),
    webhooks: createWebhookVerifier({
      snapshotSecrets: [secrets.snapshotWebhook],
      thinSecrets: [secrets.thinWebhook],
      livemode: false,
      clock,
    }),
    simulatorUrl: server.baseUrl,
    async close() {
      await server.close();
      kv.close();
    },
  };
}
