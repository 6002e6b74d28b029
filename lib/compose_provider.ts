import { openKv } from "./kv/open_kv.ts";
import { createKvSimulatorStore } from "./kv/simulator_store.ts";
import type { Env } from "./platform/env.ts";
import type { BillingProvider } from "./ports/billing_provider.ts";
import type { Clock } from "./ports/clock.ts";
import type { Logger } from "./ports/logger.ts";
import { serveStripeSimulator } from "./stripe/simulator/serve.ts";
import { createStripeSimulator } from "./stripe/simulator/simulator.ts";
import { createStripeProvider } from "./stripe/stripe_provider.ts";
import { createWebhookVerifier, type WebhookVerifier } from "./stripe/webhooks.ts";

/** Stripe, or in the sandbox a simulator that the same SDK talks to over HTTP. */
export interface RunningProvider {
  readonly provider: BillingProvider;
  readonly webhooks: WebhookVerifier;
  /** Address of the simulator, `null` with a real key. */
  readonly simulatorUrl: string | null;
  close(): Promise<void>;
}

/** The only key that the simulator takes; it opens nothing else. */
export const SIMULATOR_KEY = "sk_test_clawmeter_simulator";
const SIMULATOR_SECRETS = {
  snapshot: "whsec_clawmeter_simulator_snapshot",
  thin: "whsec_clawmeter_simulator_thin",
};

export async function composeProvider(
  { env, clock, logger }: { env: Env; clock: Clock; logger: Logger },
): Promise<RunningProvider> {
  const { secretKey, apiBase, meterMode } = env.stripe;
  if (secretKey === null) return await composeSimulator({ env, clock, logger });
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
  { env, clock, logger }: { env: Env; clock: Clock; logger: Logger },
): Promise<RunningProvider> {
  const { url } = env.kv;
  const inMemory = url === null || url === ":memory:" || /^https?:/.test(url);
  const kv = await openKv({ url: inMemory ? ":memory:" : `${url}.stripe` });
  const simulator = await createStripeSimulator({
    store: createKvSimulatorStore(kv),
    clock,
    secretKey: SIMULATOR_KEY,
    webhooks: {
      snapshot: { url: `${env.baseUrl}/webhooks/stripe`, secret: SIMULATOR_SECRETS.snapshot },
      thin: { url: `${env.baseUrl}/webhooks/stripe/thin`, secret: SIMULATOR_SECRETS.thin },
    },
  });
  const server = serveStripeSimulator(simulator);
  return {
    provider: createStripeProvider({
      apiKey: SIMULATOR_KEY,
      apiBase: server.baseUrl,
      meterMode: env.stripe.meterMode,
      clock,
      logger,
      simulated: true,
    }),
    webhooks: createWebhookVerifier({
      snapshotSecrets: [SIMULATOR_SECRETS.snapshot],
      thinSecrets: [SIMULATOR_SECRETS.thin],
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
