/** The provider against the simulator, over HTTP and in process, and against a real sandbox. */
import { createStripeProvider } from "@/lib/stripe/stripe_provider.ts";
import { type ProviderWorld, testBillingProvider } from "../contracts/billing_provider.ts";
import { MemoryLogger } from "../support/fixed_effects.ts";
import { openStripeWorld } from "./stripe_world.ts";

const sandboxKey = readSandboxKey();

testBillingProvider("provider on the simulator over HTTP", () => simulated({ http: true }));

testBillingProvider("provider on the simulator in process", () => simulated({ http: false }));

testBillingProvider(
  "provider on a Stripe sandbox (needs STRIPE_SECRET_KEY=sk_test_…)",
  sandbox,
  { ignore: sandboxKey === null },
);

async function simulated(options: { http: boolean }): Promise<ProviderWorld> {
  const world = await openStripeWorld(options);
  return {
    provider: world.provider,
    nowMs: () => world.clock.nowMs(),
    run: "r1",
    eventually: async (check) => {
      if (!await check()) throw new Error("The simulator had not done it at once");
    },
    close: world.close,
  };
}

const SANDBOX_PATIENCE_MS = 120_000;
const SANDBOX_STEP_MS = 2_000;
let runs = 0;

function sandbox(): Promise<ProviderWorld> {
  runs += 1;
  const clock = { nowMs: () => Date.now() };
  return Promise.resolve({
    provider: createStripeProvider({
      apiKey: sandboxKey ?? "",
      meterMode: "v1",
      clock,
      logger: new MemoryLogger(),
    }),
    nowMs: clock.nowMs,
    run: `${Date.now().toString(36)}${runs}`,
    eventually: async (check) => {
      const untilMs = Date.now() + SANDBOX_PATIENCE_MS;
      while (!await check() && Date.now() < untilMs) {
        await new Promise((resolve) => setTimeout(resolve, SANDBOX_STEP_MS));
      }
    },
    close: () => Promise.resolve(),
  });
}

function readSandboxKey(): string | null {
  const key = Deno.env.get("STRIPE_SECRET_KEY") ?? "";
  return /^(sk|rk)_test_/.test(key) ? key : null;
}
