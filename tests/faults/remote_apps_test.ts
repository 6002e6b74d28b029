/**
 * Two processes of the whole product on one remote store that loses the replies of half of all
 * commits. Needs a `denokv` binary (tools/install_denokv.sh); ignored without one.
 */
import { assert, assertEquals } from "@std/assert";
import { createKvSimulatorStore } from "@/lib/kv/simulator_store.ts";
import { systemClock } from "@/lib/platform/system_clock.ts";
import { serveStripeSimulator } from "@/lib/stripe/simulator/serve.ts";
import { createStripeSimulator } from "@/lib/stripe/simulator/simulator.ts";
import { closesOf } from "@/tests/support/api_samples.ts";
import { findDenoKv, startDenoKv } from "@/tests/support/denokv.ts";
import { freePort } from "@/tests/support/free_port.ts";
import { startKvConnectProxy } from "@/tests/support/kv_connect_proxy.ts";
import { Random } from "@/tests/support/random.ts";
import { turn } from "@/tests/support/turn.ts";

const SEED = 5;
const DROP_RATE = 0.5;
const STRIPE_KEY = "sk_test_remoteapps";
const OPERATOR_TOKEN = "operator-token-of-two-processes-0123456789";
const ISIN = "US0378331005";
const CALLERS = 8;
const CALLS_EACH = 15;
const TRIES_MAX = 60;
const ROOT = new URL("../../", import.meta.url);

const binary = await findDenoKv();

Deno.test({
  name: "two whole processes on a remote store that loses half of its replies agree with Stripe",
  ignore: binary === null,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using stripe = await startStripe();
    await using server = await startDenoKv(binary ?? "");
    await using proxy = startKvConnectProxy({
      target: server.url,
      random: new Random(SEED),
      dropRate: DROP_RATE,
    });
    const environment = {
      KV_URL: proxy.url,
      STRIPE_SECRET_KEY: STRIPE_KEY,
      STRIPE_API_BASE: stripe.baseUrl,
      SESSION_SECRET: "session-secret-of-two-processes-0123456789",
      OPERATOR_TOKEN,
      LOG_LEVEL: "error",
      ...server.environment,
    };
    await using first = await startApp(environment);
    await using second = await startApp(environment);
    const apps = [first.baseUrl, second.baseUrl];
    const key = await openTenant(first.baseUrl);

    const acknowledged = await callAll(apps, key);
    assertEquals(acknowledged, CALLERS * CALLS_EACH, "every call was answered in the end");
    const books = await settle(first.baseUrl, stripe.pass);
    const text = `seed ${SEED}: ${proxy.counts.commits} commits, ${proxy.counts.dropped} replies ` +
      `dropped, ${acknowledged} units acknowledged, books ${JSON.stringify(books)}`;
    console.info(text);
    assert(proxy.counts.dropped > proxy.counts.commits / 3, text);
    assertEquals(books.acknowledged, acknowledged, text);
    assertEquals(books.sent, acknowledged, text);
    assertEquals(books.difference, 0, text);
    const report = await operator(first.baseUrl, "POST", "/reconcile", {});
    const rows = await operator(
      second.baseUrl,
      "GET",
      `/reconcile/reports/${report.report_id}/rows`,
    );
    const [row] = rows.items;
    assertEquals([row.ledger, row.stripe, row.invoiced], Array(3).fill(acknowledged), text);
    assertEquals(report.differences, 0, JSON.stringify(rows));
  },
});

interface App extends AsyncDisposable {
  readonly baseUrl: string;
}

async function startApp(environment: Readonly<Record<string, string>>): Promise<App> {
  // Whoever finds no build, or an old one, makes it: not two at once.
  using _ = await turn("build");
  const port = freePort();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "main.ts"],
    cwd: ROOT,
    env: { ...environment, PORT: String(port) },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const baseUrl = `http://127.0.0.1:${port}`;
  let ended = false;
  const status = child.status.then((result) => {
    ended = true;
    return result;
  });
  for (;;) {
    if (ended) throw new Error(`A process ended with ${(await status).code}`);
    const ready = await fetch(`${baseUrl}/readyz`).then(async (reply) => {
      await reply.body?.cancel();
      return reply.ok;
    }, () => false);
    if (ready) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    baseUrl,
    async [Symbol.asyncDispose]() {
      if (!ended) child.kill("SIGKILL");
      await status;
    },
  };
}

/** A tenant on a published plan, known to Stripe, with one rated instrument. */
async function openTenant(app: string): Promise<string> {
  const terms = {
    plan_id: "desk",
    name: "Desk",
    currency: "usd",
    interval: "month",
    meters: [{ meter: "risk_score", price: { model: "per_unit", unit_amount: "0.01" } }],
    features: ["prices:write"],
    limits: { requests_per_second: 10_000, burst: 10_000 },
  };
  await operator(app, "POST", "/plans/drafts", terms);
  const dryRun = await operator(app, "POST", "/plans/desk@1/dry-run", { periods: 1 });
  await operator(app, "POST", "/plans/desk@1/publish", { dry_run_id: dryRun.dry_run_id });
  const tenant = { tenant_id: "acme", name: "Acme", plan_revision: "desk@1" };
  await operator(app, "POST", "/tenants", tenant);
  const rights = { name: "desk", mode: "test", scopes: ["*"] };
  const { secret } = await operator(app, "POST", "/tenants/acme/keys", rights);
  await operator(app, "POST", "/tenants/acme/provision", {
    email: "ada@acme.example",
    collection: { kind: "invoice", days_until_due: 30 },
  });
  const instrument = { isin: ISIN, cfi_code: "ESVUFR", currency: "USD", mic: "XNAS" };
  await insist(() =>
    send(app, { method: "PUT", path: `/v1/instruments/${ISIN}` }, secret, instrument)
  );
  const closes = { closes: closesOf(600) };
  await insist(() =>
    send(app, { method: "PUT", path: `/v1/prices/${ISIN}/history` }, secret, closes)
  );
  return secret;
}

/** Callers at the same time, over both processes; each call is repeated until it is answered. */
async function callAll(apps: readonly string[], key: string): Promise<number> {
  const random = new Random(SEED, 2);
  let acknowledged = 0;
  await Promise.all(Array.from({ length: CALLERS }, async (_, caller) => {
    for (let count = 0; count < CALLS_EACH; count++) {
      const headers = { "idempotency-key": `call-${caller}-${count}` };
      await insist(() =>
        send(
          random.pick(apps),
          { method: "POST", path: "/v1/ratings", headers },
          key,
          { instrument: ISIN, include: ["risk_score"] },
        )
      );
      acknowledged++;
    }
  }));
  return acknowledged;
}

/** Flushes until nothing is under way, and says where the units are. */
async function settle(app: string, pass: () => Promise<unknown>) {
  for (let round = 0; round < TRIES_MAX; round++) {
    await operator(app, "POST", "/flush", {});
    const { items: [line] } = await operator(app, "GET", "/books");
    const { acknowledged, sent, difference, moving, log, windows, outbox } = line;
    if (!moving && log + windows + outbox === 0) return { acknowledged, sent, difference };
    await pass();
  }
  throw new Error("Units stay under way");
}

// deno-lint-ignore no-explicit-any -- answers are read as their documentation says
type Json = any;

async function operator(app: string, method: string, path: string, json?: unknown): Promise<Json> {
  const url = { method, path: `/operator/v1${path}` };
  return await insist(() => send(app, url, OPERATOR_TOKEN, json));
}

/** Repeats what the store's losses turn into "unavailable". */
async function insist(call: () => Promise<{ status: number; body: Json }>): Promise<Json> {
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    const { status, body } = await call();
    if (status < 300) return body;
    if (status !== 503 && status !== 409) throw new Error(JSON.stringify(body));
  }
  throw new Error("A call is never answered");
}

async function send(
  app: string,
  { method, path, headers = {} }: {
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
  },
  key: string,
  json?: unknown,
): Promise<{ status: number; body: Json }> {
  const reply = await fetch(app + path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...json === undefined ? {} : { "content-type": "application/json" },
      ...headers,
    },
    ...json === undefined ? {} : { body: JSON.stringify(json) },
  });
  return { status: reply.status, body: await reply.json() };
}

async function startStripe() {
  const kv = await Deno.openKv(":memory:");
  const simulator = await createStripeSimulator({
    store: createKvSimulatorStore(kv),
    clock: systemClock,
    secretKey: STRIPE_KEY,
  });
  const server = serveStripeSimulator(simulator);
  return {
    baseUrl: server.baseUrl,
    /** Minutes close by the real clock; nothing else makes them. */
    pass: () => new Promise((resolve) => setTimeout(resolve, 2_000)),
    async [Symbol.asyncDispose]() {
      await server.close();
      kv.close();
    },
  };
}
