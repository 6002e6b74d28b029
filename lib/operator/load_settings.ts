import type { SettingsModel } from "@/components/operator/SettingsPage.tsx";
import type { Services } from "@/lib/services.ts";

type Env = Services["env"];
type Setting = SettingsModel["groups"][number]["settings"][number];

/** The configuration in force, without a secret in it. */
export function settingsOf(
  { env, simulatorUrl, acts }: Pick<Services, "env" | "simulatorUrl" | "acts">,
): SettingsModel["groups"] {
  const { stripe, metering } = env;
  return [
    {
      title: "Stripe",
      settings: [
        { term: "Mode", value: MODES[env.mode] },
        { term: "Key", value: keyWords(stripe.secretKey), variable: "STRIPE_SECRET_KEY" },
        {
          term: "Address",
          value: simulatorUrl ?? stripe.apiBase ?? "api.stripe.com",
          variable: "STRIPE_API_BASE",
        },
        {
          term: "Usage is sent",
          value: METER_MODES[stripe.meterMode],
          variable: "STRIPE_METER_MODE",
        },
        pushing(env, acts),
      ],
    },
    {
      title: "Metering",
      settings: [
        {
          term: "Durability",
          value: metering.durability === "commit"
            ? "commit: units are durable before the reply"
            : "buffer: the reply comes first",
          variable: "METERING_DURABILITY",
          ...metering.durability === "commit" ? {} : {
            warning: "A crash may lose what came within one flush interval.",
          },
        },
        { term: "Window", value: `${metering.windowMs / 1_000} s`, variable: "WINDOW_SECONDS" },
        {
          term: "Ratings",
          value: env.ratingUpstreamUrl === null
            ? "built-in engine"
            : `quotes from ${new URL(env.ratingUpstreamUrl).host}`,
          variable: "RATING_UPSTREAM_URL",
        },
      ],
    },
    {
      title: "Storage and addresses",
      settings: [
        database(env),
        { term: "Public address", value: env.baseUrl, variable: "BASE_URL" },
        {
          term: "Cookies",
          value: env.secureCookies ? "https only" : "also over http",
          ...env.secureCookies || env.mode === "sandbox" ? {} : {
            warning: "Sessions can be read on the way: serve it over https.",
          },
        },
        {
          term: "Proxy headers",
          value: env.trustProxy ? "believed" : "ignored",
          variable: "TRUST_PROXY",
        },
        { term: "Platform", value: env.onDeploy ? "Deno Deploy" : "a server of its own" },
        { term: "Logged from", value: env.logLevel, variable: "LOG_LEVEL" },
      ],
    },
    {
      title: "People",
      settings: [
        mail(env),
        {
          term: "OpenID Connect",
          value: env.oidc === null ? "not configured" : new URL(env.oidc.issuer).host,
          variable: "OIDC_ISSUER",
        },
        operators(env),
        {
          term: "Operator token",
          value: env.operatorToken === null ? "the sandbox’s own" : "configured",
          variable: "OPERATOR_TOKEN",
        },
      ],
    },
  ];
}

const MODES: Readonly<Record<Env["mode"], string>> = {
  sandbox: "sandbox: the built-in simulator, sample data, no money",
  test: "test: Stripe’s test mode, no money",
  live: "live: real money",
};

const METER_MODES: Readonly<Record<Env["stripe"]["meterMode"], string>> = {
  v1: "v1: one call per event",
  v2_stream: "v2_stream: batches, for high volume",
  usage_records: "usage_records: for old accounts",
};

/** What kind of key it is, and no more of it. */
function keyWords(key: string | null): string {
  if (key === null) return "none: the simulator’s";
  const kind = key.startsWith("rk_") ? "restricted" : "secret";
  return `${kind}, ${key.split("_")[1] ?? ""} mode`;
}

/** A preview also sends no mail and no webhook, closes no period and does no recurring work. */
function pushing({ mode, stripe, timeline }: Env, acts: boolean): Setting {
  const term = "Acting on Stripe and people";
  if (!acts && stripe.pushAllowed) {
    return {
      term,
      value: "not allowed: a preview",
      warning: "The database belongs to an instance with a live key; with any other, nothing acts.",
      variable: "STRIPE_SECRET_KEY",
    };
  }
  if (!stripe.pushAllowed) {
    return {
      term,
      value: "not allowed: a preview",
      warning: `A live key acts only where DENO_TIMELINE is production; here it is ${
        timeline ?? "not set"
      }. ALLOW_LIVE_PUSH=1 lifts that for a server of your own.`,
      variable: "ALLOW_LIVE_PUSH",
    };
  }
  const why = mode === "sandbox"
    ? "to the simulator"
    : mode === "test"
    ? "a test key bills nobody"
    : timeline === "production"
    ? "this is the production timeline"
    : "ALLOW_LIVE_PUSH is 1";
  return { term, value: `allowed: ${why}`, variable: "ALLOW_LIVE_PUSH" };
}

function database({ kv: { url } }: Env): Setting {
  const shared = { term: "Database", variable: "KV_URL" };
  if (url === null) return { ...shared, value: "Deno Deploy’s own" };
  if (url === ":memory:") {
    return { ...shared, value: "in memory", warning: "Everything is gone when the process ends." };
  }
  if (/^https?:/.test(url)) return { ...shared, value: `KV Connect at ${new URL(url).host}` };
  return { ...shared, value: `file ${url}` };
}

function mail({ smtpUrl, mailFrom, mode }: Env): Setting {
  const shared = { term: "Mail", variable: "SMTP_URL" };
  if (smtpUrl !== null) {
    return { ...shared, value: `${mailFrom} through ${new URL(smtpUrl).hostname}` };
  }
  const value = mode === "live" ? "none is sent" : "printed to the log";
  if (mode === "sandbox") return { ...shared, value };
  return { ...shared, value, warning: "Nobody gets a sign-in link or an alert by mail." };
}

function operators({ operatorEmails, oidc }: Env): Setting {
  const shared = { term: "Operators", variable: "OPERATOR_EMAILS" };
  if (operatorEmails.length === 0) {
    return { ...shared, value: "whoever holds the token, as one person" };
  }
  return {
    ...shared,
    value: operatorEmails.join(", "),
    ...oidc === null ? { warning: "They can’t sign in: no OpenID Connect is configured." } : {},
  };
}
