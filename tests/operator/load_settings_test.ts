import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { mailerFor } from "@/lib/compose/auth.ts";
import { settingsOf } from "@/lib/operator/load_settings.ts";
import { parseEnv } from "@/lib/platform/env.ts";
import { FixedClock } from "@/tests/support/fixed_effects.ts";

const SECRETS = {
  STRIPE_SECRET_KEY: "rk_live_5ecretKeyOfTheTest",
  STRIPE_WEBHOOK_SECRET: "whsec_5ecretOfTheSnapshots",
  STRIPE_THIN_WEBHOOK_SECRET: "whsec_5ecretOfTheThinOnes",
  SESSION_SECRET: "5ecretOfTheSessions-0123456789abcdef",
  OPERATOR_TOKEN: "5ecretOfTheOperator-0123456789abcdef",
  OIDC_CLIENT_SECRET: "5ecretOfTheOidcClient",
  SMTP_URL: "smtps://user5ecret:pass5ecret@mail.example.com:465",
  DENO_KV_ACCESS_TOKEN: "5ecretOfTheDatabase",
};

/** `isForeign`: the database is that of an instance with a live key. */
function settings(change: Readonly<Record<string, string>>, isForeign = false) {
  const env = parseEnv(change);
  if (!env.ok) throw new Error(env.error.detail);
  const acts = isForeign ? false : env.value.stripe.pushAllowed;
  return settingsOf({ env: env.value, simulatorUrl: null, acts });
}

function one(groups: ReturnType<typeof settings>, term: string) {
  const found = groups.flatMap(({ settings }) => settings).find((setting) => setting.term === term);
  assert(found !== undefined, term);
  return found;
}

const LIVE = {
  ...SECRETS,
  KV_URL: "https://kv.example.com/db",
  BASE_URL: "https://meter.example.com",
  OIDC_ISSUER: "https://login.example.com/realm",
  OIDC_CLIENT_ID: "clawmeter",
};

Deno.test("no secret of the configuration is on the page, in whole or in part", () => {
  const text = JSON.stringify(settings(LIVE));
  assertEquals(text.includes("5ecret"), false);
  assertStringIncludes(text, "mail.example.com");
  assertStringIncludes(text, "KV Connect at kv.example.com");
});

Deno.test("a live key says why it acts, or why it does not", () => {
  const held = one(settings(LIVE), "Acting on Stripe and people");
  assertEquals(held.value, "not allowed: a preview");
  assertStringIncludes(held.warning ?? "", "it is not set");
  assertEquals(
    one(settings({ ...LIVE, DENO_TIMELINE: "production" }), "Acting on Stripe and people").value,
    "allowed: this is the production timeline",
  );
  assertEquals(
    one(settings({ ...LIVE, ALLOW_LIVE_PUSH: "1" }), "Acting on Stripe and people").value,
    "allowed: ALLOW_LIVE_PUSH is 1",
  );
  assertEquals(one(settings({}), "Acting on Stripe and people").value, "allowed: to the simulator");
  const foreign = one(settings({}, true), "Acting on Stripe and people");
  assertStringIncludes(foreign.warning ?? "", "belongs to an instance with a live key");
});

Deno.test("without a mail server a live service prints no mail: links would be in its log", async () => {
  const mail = { to: "ada@example.com", subject: "Your sign-in link", text: "https://x/?code=1" };
  const env = parseEnv({ ...LIVE, SMTP_URL: "" });
  assert(env.ok);
  const outcome = await mailerFor(env.value, new FixedClock()).send(mail);
  assertEquals(outcome.kind, "failed");
  assertEquals(one(settings({ ...LIVE, SMTP_URL: "" }), "Mail").value, "none is sent");
});

Deno.test("what may lose data, mail or secrecy is marked", () => {
  const warned = (change: Readonly<Record<string, string>>) =>
    settings(change).flatMap(({ settings }) => settings)
      .filter(({ warning }) => warning !== undefined).map(({ term }) => term);
  assertEquals(warned({}), []);
  assertEquals(
    warned({
      ...SECRETS,
      STRIPE_SECRET_KEY: "sk_test_x",
      SMTP_URL: "",
      OIDC_CLIENT_SECRET: "",
      KV_URL: ":memory:",
      METERING_DURABILITY: "buffer",
      OPERATOR_EMAILS: "ada@example.com",
    }),
    ["Durability", "Database", "Cookies", "Mail", "Operators"],
  );
});
