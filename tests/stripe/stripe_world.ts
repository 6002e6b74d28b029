import Stripe from "stripe";
import type { BillingProvider } from "@/lib/ports/billing_provider.ts";
import type { SimulatorStore } from "@/lib/ports/simulator_store.ts";
import { createMemorySimulatorStore } from "@/lib/stripe/simulator/memory_store.ts";
import { serveStripeSimulator } from "@/lib/stripe/simulator/serve.ts";
import { createStripeSimulator, type StripeSimulator } from "@/lib/stripe/simulator/simulator.ts";
import { createStripeProvider, type StripeProviderOptions } from "@/lib/stripe/stripe_provider.ts";
import { FixedClock, MemoryLogger } from "../support/fixed_effects.ts";

export const SECRET_KEY = "sk_test_simulated";

/** A simulator, the provider that speaks to it, and a bare SDK client beside it. */
export interface StripeWorld {
  readonly clock: FixedClock;
  readonly logger: MemoryLogger;
  readonly simulator: StripeSimulator;
  readonly store: SimulatorStore;
  readonly provider: BillingProvider;
  readonly stripe: Stripe;
  readonly baseUrl: string;
  /** A customer that can pay. */
  customer(tenantId?: string): Promise<string>;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly meterMode?: StripeProviderOptions["meterMode"];
  readonly store?: SimulatorStore;
  readonly clock?: FixedClock;
  readonly timeoutMs?: number;
  /** Over loopback HTTP; else in process. */
  readonly http?: boolean;
  readonly wait?: (ms: number) => Promise<void>;
}

/** Mid-month, on a whole minute. */
export const START_MS = Date.UTC(2026, 4, 15, 12);

export async function openStripeWorld(options: WorldOptions = {}): Promise<StripeWorld> {
  const clock = options.clock ?? new FixedClock(START_MS);
  const logger = new MemoryLogger();
  const store = options.store ?? createMemorySimulatorStore();
  const simulator = await createStripeSimulator({
    store,
    clock,
    secretKey: SECRET_KEY,
    ...(options.wait === undefined ? {} : { wait: options.wait }),
  });
  const running = options.http
    ? serveStripeSimulator(simulator, { tickMs: 600_000 })
    : { baseUrl: "http://stripe.invalid", close: () => simulator.idle() };
  const transport = options.http ? {} : { fetch: simulator.fetch };
  const provider = createStripeProvider({
    apiKey: SECRET_KEY,
    apiBase: running.baseUrl,
    meterMode: options.meterMode ?? "v1",
    clock,
    logger,
    simulated: true,
    networkRetries: 0,
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...transport,
  });
  return {
    clock,
    logger,
    simulator,
    store,
    provider,
    stripe: bareClient(running.baseUrl, transport.fetch),
    baseUrl: running.baseUrl,
    async customer(tenantId = "ten_a") {
      const { stripeCustomerId } = await provider.ensureCustomer({
        tenantId,
        name: "Acme Markets",
        email: `${tenantId}@example.com`,
      });
      await simulator.control.setCard(stripeCustomerId, "pays");
      return stripeCustomerId;
    },
    close: () => running.close(),
  };
}

function bareClient(baseUrl: string, fetch: StripeSimulator["fetch"] | undefined): Stripe {
  const { hostname, port } = new URL(baseUrl);
  return new Stripe(SECRET_KEY, {
    host: hostname,
    protocol: "http",
    port: port === "" ? 80 : Number(port),
    telemetry: false,
    maxNetworkRetries: 0,
    ...(fetch === undefined ? {} : { httpClient: Stripe.createFetchHttpClient(fetch) }),
  });
}
