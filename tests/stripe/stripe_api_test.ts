/**
 * The same calls against the simulator, stripe-mock and a real sandbox: what one of them refuses,
 * the provider must not send, and what the simulator takes must be what Stripe takes.
 */
import { assert, assertEquals } from "@std/assert";
import Stripe from "stripe";
import type { BillingProvider } from "@/lib/ports/billing_provider.ts";
import { createStripeProvider } from "@/lib/stripe/stripe_provider.ts";
import { type StripeApi, testStripeApi } from "../contracts/stripe_api.ts";
import { freePort } from "../support/free_port.ts";
import { everyModelPlan, growthPlan } from "./sample_plans.ts";
import { shapeFaults } from "./shape_faults.ts";
import { openStripeWorld, SECRET_KEY, type StripeWorld } from "./stripe_world.ts";

const START_ATTEMPTS = 1_000;
const START_STEP_MS = 50;

const mock = await startStripeMock();
const sandboxKey = /^(sk|rk)_test_/.exec(Deno.env.get("STRIPE_SECRET_KEY") ?? "")?.input ?? null;

testStripeApi("simulator", async () => {
  const { stripe, clock, close } = await openStripeWorld({ http: true });
  return { stripe, run: "r1", nowMs: () => clock.nowMs(), close };
});

testStripeApi("stripe-mock (tools/install_stripe_mock.sh)", () => {
  assert(mock !== null);
  return Promise.resolve(openStripeMock(mock));
}, {
  ignore: mock === null,
  stateless: true,
  withoutV2: true,
});

let runs = 0;

testStripeApi("Stripe sandbox (needs STRIPE_SECRET_KEY=sk_test_…)", () => {
  runs += 1;
  return Promise.resolve({
    stripe: new Stripe(sandboxKey ?? "", { telemetry: false }),
    run: `${Date.now().toString(36)}${runs}`,
    nowMs: () => Date.now(),
    close: () => Promise.resolve(),
  });
}, { ignore: sandboxKey === null });

Deno.test({
  name: "stripe-mock takes every v1 call of a tenant's life, and answers in the simulator's shape",
  ignore: mock === null,
  async fn() {
    const world = await openStripeWorld();
    const faults = new Set<string>();
    let judged = 0;
    const provider = createStripeProvider({
      apiKey: SECRET_KEY,
      apiBase: world.baseUrl,
      meterMode: "v1",
      clock: world.clock,
      logger: world.logger,
      async fetch(input, init) {
        const request = new Request(input, init);
        const copy = request.clone();
        const response = await world.simulator.fetch(request);
        if (response.ok && new URL(request.url).pathname.startsWith("/v1/")) {
          judged += 1;
          for (const fault of await judge(copy, response.clone())) faults.add(fault);
        }
        return response;
      },
    });
    await liveThrough(provider, world);
    assertEquals([...faults], []);
    assert(judged > 40, `Only ${judged} calls were judged`);
    await world.close();
  },
});

/** What stripe-mock has against a call that the simulator took, or against its answer. */
async function judge(request: Request, ours: Response): Promise<string[]> {
  const { pathname, search } = new URL(request.url);
  const target = `${pathname}${search}`;
  const response = await fetch(`http://127.0.0.1:${mock?.port}${target}`, {
    method: request.method,
    headers: {
      authorization: "Bearer sk_test_123",
      "content-type": request.headers.get("content-type") ?? "",
    },
    ...(request.method === "POST" ? { body: await request.text() } : {}),
  });
  const theirs = await response.json();
  if (!response.ok) return [`${request.method} ${target}: ${JSON.stringify(theirs)}`];
  // An event's object is whatever it is about.
  return pathname === "/v1/events" ? [] : shapeFaults(pathname, theirs, await ours.json());
}

/** Each provider method at least once. */
async function liveThrough(provider: BillingProvider, world: StripeWorld): Promise<void> {
  const tenantId = "ten_a";
  const { stripeCustomerId } = await provider.ensureCustomer({
    tenantId,
    name: "Acme",
    email: "acme@example.com",
  });
  await world.simulator.control.setCard(stripeCustomerId, "pays");
  await provider.ensurePlan(everyModelPlan());
  const plan = await provider.ensurePlan(growthPlan());
  const { stripeSubscriptionId } = await provider.ensureSubscription({
    tenantId,
    stripeCustomerId,
    plan,
    startMs: world.clock.nowMs() - 3_600_000,
  });
  const event = {
    identifier: "m1-a",
    eventName: "risk_score",
    stripeCustomerId,
    units: 5n,
    timestampMs: world.clock.nowMs(),
    attempt: 1,
  };
  assertEquals((await provider.sendMeterEvent(event)).kind, "delivered");
  const dayMs = 86_400_000;
  const startMs = Math.floor(event.timestampMs / dayMs) * dayMs;
  const query = { eventName: "risk_score", stripeCustomerId, startMs, endMs: startMs + dayMs };
  await provider.summaries(query);
  await provider.summaries({ ...query, grouping: "hour" });
  await provider.previewInvoice({ stripeCustomerId, stripeSubscriptionId });
  await provider.checkoutUrl({
    stripeCustomerId,
    plan,
    successUrl: "https://example.com/done",
    cancelUrl: "https://example.com/back",
  });
  await provider.portalUrl({ stripeCustomerId, returnUrl: "https://example.com" });
  world.clock.atMs = Date.UTC(2026, 5, 1, 0, 1);
  const [draft] = await provider.invoices({ stripeCustomerId, limit: 5 });
  const invoiceId = draft?.invoiceId ?? "";
  await provider.holdInvoice(invoiceId);
  await provider.ensureInvoiceItem({
    key: "minimum",
    stripeCustomerId,
    invoiceId,
    currency: "usd",
    amountMinor: 100n,
    description: "Minimum commitment",
  });
  await provider.finalizeInvoice(invoiceId);
  await provider.ensureCredit({
    key: "prepaid",
    stripeCustomerId,
    name: "Prepaid",
    category: "promotional",
    currency: "usd",
    amountMinor: 100n,
    expiresAtMs: world.clock.nowMs() + dayMs,
  });
  const next = await provider.ensurePlan(growthPlan({ revision: 2, planRevision: "growth@2" }));
  await provider.changePlan({ stripeSubscriptionId, plan: next });
  await provider.cancelSubscription(stripeSubscriptionId);
  await provider.subscription(stripeSubscriptionId);
  await provider.noticesSince({ sinceMs: 0, limit: 1_000 });
}

interface RunningMock {
  readonly port: number;
}

/** One process for the whole file; it ends with the test run. */
async function startStripeMock(): Promise<RunningMock | null> {
  const program = await findStripeMock();
  if (program === null) return null;
  const port = freePort();
  const process = new Deno.Command(program, {
    args: ["-http-port", String(port)],
    stdout: "null",
    stderr: "null",
  }).spawn();
  addEventListener("unload", () => process.kill());
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt += 1) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      break;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, START_STEP_MS));
    }
  }
  return { port };
}

function openStripeMock({ port }: RunningMock): StripeApi {
  return {
    stripe: new Stripe("sk_test_123", {
      host: "127.0.0.1",
      port,
      protocol: "http",
      telemetry: false,
      maxNetworkRetries: 0,
    }),
    run: "r1",
    nowMs: () => Date.now(),
    close: () => Promise.resolve(),
  };
}

/** `STRIPE_MOCK`, or `stripe-mock` on the PATH; `null` when there is none. */
async function findStripeMock(): Promise<string | null> {
  for (const candidate of [Deno.env.get("STRIPE_MOCK") ?? "", "stripe-mock"]) {
    if (candidate === "") continue;
    try {
      const { success } = await new Deno.Command(candidate, {
        args: ["-version"],
        stdout: "null",
        stderr: "null",
      }).output();
      if (success) return candidate;
    } catch {
      // Not there.
    }
  }
  return null;
}
