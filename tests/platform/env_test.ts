import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Env, parseEnv, SANDBOX_KV_PATH, TEST_KV_PATH } from "@/lib/platform/env.ts";
import { type VariableName, VARIABLES, variablesHelp } from "@/lib/platform/variables.ts";

type Source = Partial<Record<VariableName, string>>;

const SECRET = "0123456789abcdef0123456789abcdef";
const TEST: Source = {
  STRIPE_SECRET_KEY: "sk_test_abc",
  SESSION_SECRET: SECRET,
  OPERATOR_TOKEN: SECRET,
};
const LIVE: Source = {
  ...TEST,
  STRIPE_SECRET_KEY: "rk_live_abc",
  STRIPE_WEBHOOK_SECRET: "whsec_abc",
  KV_URL: "/var/lib/clawmeter/meter.db",
  BASE_URL: "https://meter.example.com",
};

function parsed(source: Source): Env {
  const result = parseEnv(source);
  assert(result.ok, result.ok ? "" : result.error.detail);
  return result.value;
}

function wrongOnes(source: Source): string[] {
  const result = parseEnv(source);
  return result.ok ? [] : (result.error.errors ?? []).map(({ pointer }) => pointer?.slice(1) ?? "");
}

Deno.test("with nothing set it is a sandbox on the local machine", () => {
  const env = parsed({});
  assertEquals([env.mode, env.host, env.port, env.baseUrl], [
    "sandbox",
    "127.0.0.1",
    8000,
    "http://127.0.0.1:8000",
  ]);
  assertEquals([env.kv.url, env.sandboxSeed, env.secureCookies], [SANDBOX_KV_PATH, true, false]);
  assertEquals([env.metering.windowMs, env.metering.durability], [5_000, "commit"]);
  assertEquals([env.stripe.meterMode, env.stripe.pushAllowed], ["v1", true]);
});

Deno.test("blank means unset", () => {
  assertEquals(parsed({ PORT: "  ", STRIPE_SECRET_KEY: "" }), parsed({}));
});

Deno.test("one message names every problem at once", () => {
  const result = parseEnv({
    PORT: "80000",
    WINDOW_SECONDS: "7",
    LOG_LEVEL: "loud",
    BASE_URL: "meter.example.com",
    STRIPE_SECRET_KEY: "pk_test_x",
    METERING_DURABILITY: "maybe",
    STRIPE_METER_MODE: "v3",
    SMTP_URL: "http://mail",
    SANDBOX_SEED: "yes",
    OPERATOR_TOKEN: "short",
    KV_URL: "https://kv.example.com",
    OIDC_ISSUER: "https://id.example.com",
  });
  assert(!result.ok);
  const names = [
    "PORT",
    "WINDOW_SECONDS",
    "LOG_LEVEL",
    "BASE_URL",
    "STRIPE_SECRET_KEY",
    "METERING_DURABILITY",
    "STRIPE_METER_MODE",
    "SMTP_URL",
    "SANDBOX_SEED",
    "OPERATOR_TOKEN",
    "DENO_KV_ACCESS_TOKEN",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
  ];
  for (const name of names) assertMatch(result.error.detail, new RegExp(`^  ${name}: `, "m"));
});

Deno.test("the message never shows a secret's value", () => {
  const result = parseEnv({ OPERATOR_TOKEN: "hunter2", STRIPE_SECRET_KEY: "hunter3" });
  assertEquals(result.ok ? "" : /hunter/.test(result.error.detail), false);
});

Deno.test("a test key has its own data and needs its secrets", () => {
  const env = parsed(TEST);
  assertEquals([env.mode, env.kv.url, env.sandboxSeed], ["test", TEST_KV_PATH, false]);
  assertEquals(wrongOnes({ STRIPE_SECRET_KEY: "sk_test_abc" }), [
    "SESSION_SECRET",
    "OPERATOR_TOKEN",
  ]);
  assertEquals(wrongOnes({ ...TEST, SANDBOX_SEED: "1" }), ["SANDBOX_SEED"]);
});

Deno.test("a live key never meets sandbox data, a test server or plain http", () => {
  assertEquals(parsed(LIVE).mode, "live");
  const refused: [Source, string][] = [
    [{ KV_URL: SANDBOX_KV_PATH }, "KV_URL"],
    [{ KV_URL: TEST_KV_PATH }, "KV_URL"],
    [{ KV_URL: ":memory:" }, "KV_URL"],
    [{ KV_URL: "" }, "KV_URL"],
    [{ SANDBOX_SEED: "1" }, "SANDBOX_SEED"],
    [{ STRIPE_API_BASE: "http://127.0.0.1:9000" }, "STRIPE_API_BASE"],
    [{ BASE_URL: "http://meter.example.com" }, "BASE_URL"],
    [{ BASE_URL: "" }, "BASE_URL"],
    [{ STRIPE_WEBHOOK_SECRET: "" }, "STRIPE_WEBHOOK_SECRET"],
    [{ OPERATOR_TOKEN: "" }, "OPERATOR_TOKEN"],
  ];
  for (const [change, name] of refused) {
    assertEquals(wrongOnes({ ...LIVE, ...change }), [name], JSON.stringify(change));
  }
});

Deno.test("a live key pushes only in the production timeline, or when told to", () => {
  assertEquals(parsed(LIVE).stripe.pushAllowed, false);
  assertEquals(parsed({ ...LIVE, DENO_TIMELINE: "production" }).stripe.pushAllowed, true);
  assertEquals(parsed({ ...LIVE, DENO_TIMELINE: "git-branch/x" }).stripe.pushAllowed, false);
  assertEquals(parsed({ ...LIVE, ALLOW_LIVE_PUSH: "1" }).stripe.pushAllowed, true);
  assertEquals(parsed({ ...LIVE, ALLOW_LIVE_PUSH: "0" }).stripe.pushAllowed, false);
});

Deno.test("on Deno Deploy the database is the platform's own and the proxy is believed", () => {
  const env = parsed({ ...LIVE, KV_URL: "", DENO_DEPLOYMENT_ID: "abc" });
  assertEquals([env.kv.url, env.onDeploy, env.trustProxy], [null, true, true]);
});

Deno.test("an origin has no path, and its trailing slash goes", () => {
  assertEquals(parsed({ BASE_URL: "https://a.example.com/" }).baseUrl, "https://a.example.com");
  for (const BASE_URL of ["https://a.example.com/app", "https://a.example.com/?x", "ftp://a"]) {
    assertEquals(wrongOnes({ BASE_URL }), ["BASE_URL"], BASE_URL);
  }
  assertEquals(parsed({ HOST: "0.0.0.0", PORT: "9" }).baseUrl, "http://127.0.0.1:9");
  assertEquals(parsed({ HOST: "::1", PORT: "9" }).baseUrl, "http://[::1]:9");
});

Deno.test("two webhook secrets are accepted while one is being rotated", () => {
  const env = parsed({ STRIPE_WEBHOOK_SECRET: "whsec_a, whsec_b" });
  assertEquals(env.stripe.webhookSecrets, ["whsec_a", "whsec_b"]);
  assertEquals(wrongOnes({ STRIPE_WEBHOOK_SECRET: "whsec_a,b" }), ["STRIPE_WEBHOOK_SECRET"]);
});

Deno.test("operators' addresses are a tidy list", () => {
  assertEquals(parsed({}).operatorEmails, []);
  const env = parsed({ OPERATOR_EMAILS: "Ada@Example.com, bob@example.com" });
  assertEquals(env.operatorEmails, ["ada@example.com", "bob@example.com"]);
  assertEquals(wrongOnes({ OPERATOR_EMAILS: "ada@example.com,bob" }), ["OPERATOR_EMAILS"]);
});

Deno.test("help and docs/configuration.md name every variable with its default and nothing else", async () => {
  const docs = await Deno.readTextFile(new URL("../../docs/configuration.md", import.meta.url));
  const rows = [...docs.matchAll(/^\| `([A-Z_]+)` \| (.*?) \| (.*?) \|$/gm)];
  const documented = new Map(
    rows.map(([, name, fallback, summary]) => [name, { fallback, summary }]),
  );
  assertEquals([...documented.keys()].sort(), Object.keys(VARIABLES).sort());
  for (const [name, variable] of Object.entries(VARIABLES)) {
    const fallback = "fallback" in variable ? `\`${variable.fallback}\`` : "";
    assertEquals(documented.get(name), { fallback, summary: variable.summary }, name);
    assert(variablesHelp().includes(`  ${name}`));
  }
});

Deno.test("a deployment without a Stripe key does not start: its sandbox would keep nothing", () => {
  const parsed = parseEnv({ DENO_DEPLOYMENT_ID: "dpl_1" });
  assertEquals(parsed.ok, false);
  if (!parsed.ok) assertMatch(parsed.error.detail, /STRIPE_SECRET_KEY: is required on Deno Deploy/);
});
