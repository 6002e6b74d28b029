import { z } from "zod";

export interface Variable<T = unknown> {
  readonly schema: z.ZodType<T, string>;
  /** Text used when the variable is unset or blank. */
  readonly fallback?: string;
  /** One sentence for `--help` and docs/configuration.md. */
  readonly summary: string;
  /** Never shown, not even in part. */
  readonly secret?: true;
}

const text = z.string();
const flag = z.enum(["0", "1"], "must be 0 or 1").transform((value) => value === "1");
const secret = z.string().min(32, "must have at least 32 characters");
const webhookSecrets = z.string().transform((list) => list.split(",").map((one) => one.trim()))
  .pipe(z.array(z.string().startsWith("whsec_", "must start with whsec_")).min(1).max(2));
const emails = z.string()
  .transform((list) => list.split(",").map((one) => one.trim().toLowerCase()))
  .pipe(z.array(z.email("must be e-mail addresses, separated by commas")).max(100));
const origin = url(["http:", "https:"]).refine(
  (value) => URL.canParse(value) && new URL(value).pathname === "/" && !/[?#]/.test(value),
  "must be an origin such as https://meter.example.com, without a path",
).transform((value) => value.replace(/\/$/, ""));

/**
 * Every environment variable of Clawmeter. `--help`, docs/configuration.md and the parser share
 * this table, so none of them can forget one.
 */
export const VARIABLES = {
  HOST: variable(text, { fallback: "127.0.0.1", summary: "Address to listen on." }),
  PORT: variable(wholeNumber(0, 65_535), {
    fallback: "8000",
    summary: "Port to listen on; 0 picks a free one.",
  }),
  BASE_URL: optional(origin, {
    summary: "Public origin for links and cookies. Default: http://HOST:PORT.",
  }),
  TRUST_PROXY: optional(flag, {
    summary:
      "1 believes X-Forwarded-For and X-Forwarded-Proto of the proxy in front. Default: 1 on Deno Deploy, else 0.",
  }),
  KV_URL: optional(text, {
    summary:
      "Database: a path, :memory:, or an http(s) KV Connect address. Default: .data/clawmeter.db in the sandbox, .data/clawmeter-test.db with a test key, the platform's own on Deno Deploy.",
  }),
  DENO_KV_ACCESS_TOKEN: optional(text, {
    summary: "Access token for a KV Connect address.",
    secret: true,
  }),
  STRIPE_SECRET_KEY: optional(
    z.string().regex(
      /^(sk|rk)_(test|live)_[A-Za-z0-9_]+$/,
      "must start with sk_test_, rk_test_, sk_live_ or rk_live_",
    ),
    {
      summary: "Stripe key, best a restricted one. Without it Clawmeter runs in the sandbox.",
      secret: true,
    },
  ),
  STRIPE_WEBHOOK_SECRET: optional(webhookSecrets, {
    summary: "Signing secret of /webhooks/stripe; two, separated by a comma, while rotating.",
    secret: true,
  }),
  STRIPE_THIN_WEBHOOK_SECRET: optional(webhookSecrets, {
    summary: "Signing secret of /webhooks/stripe/thin; two, separated by a comma, while rotating.",
    secret: true,
  }),
  STRIPE_API_BASE: optional(origin, { summary: "Another address for Stripe's API, for tests." }),
  STRIPE_METER_MODE: variable(choice(["v1", "v2_stream", "usage_records"]), {
    fallback: "v1",
    summary: "How usage is sent: v1, v2_stream (high volume) or usage_records (old accounts).",
  }),
  METERING_DURABILITY: variable(choice(["commit", "buffer"]), {
    fallback: "commit",
    summary:
      "commit replies after units are durable; buffer replies first and may lose one interval in a crash.",
  }),
  WINDOW_SECONDS: variable(wholeNumber(1, 60), {
    fallback: "5",
    summary: "Length of a usage window; 1 to 60 and a divisor of 60.",
    extra: (seconds) => 60 % seconds === 0 || "must divide 60",
  }),
  RATING_UPSTREAM_URL: optional(url(["https:", "http:"]), {
    summary: "Rates instruments through this service instead of the built-in engine.",
  }),
  SESSION_SECRET: optional(secret, {
    summary: "Signs page cursors. Required with a Stripe key; at least 32 characters.",
    secret: true,
  }),
  OPERATOR_TOKEN: optional(secret, {
    summary:
      "Bearer token of the operator API. Required with a Stripe key; at least 32 characters.",
    secret: true,
  }),
  OPERATOR_EMAILS: optional(emails, {
    summary: "Who may sign in as operator through OpenID Connect; addresses separated by commas.",
  }),
  OIDC_ISSUER: optional(url(["https:", "http:"]), {
    summary: "OpenID Connect issuer for signing in.",
  }),
  OIDC_CLIENT_ID: optional(text, { summary: "Client id at the OpenID Connect issuer." }),
  OIDC_CLIENT_SECRET: optional(text, {
    summary: "Client secret at the OpenID Connect issuer.",
    secret: true,
  }),
  SMTP_URL: optional(url(["smtp:", "smtps:"]), {
    summary:
      "Mail server, smtp(s)://user:password@host:port. Without it links are printed; with a live key no mail is sent.",
    secret: true,
  }),
  MAIL_FROM: variable(
    z.email("must be an e-mail address"),
    { fallback: "clawmeter@localhost.localdomain", summary: "Sender of sign-in and alert mails." },
  ),
  LOG_LEVEL: variable(choice(["debug", "info", "warn", "error"]), {
    fallback: "info",
    summary: "Least severity that is logged: debug, info, warn or error.",
  }),
  SANDBOX_SEED: optional(flag, { summary: "0 skips the sandbox's sample tenants. Default: 1." }),
  DENO_TIMELINE: optional(text, {
    summary: "Set by Deno Deploy; a live key pushes usage only when it is production.",
  }),
  ALLOW_LIVE_PUSH: optional(flag, {
    summary: "1 lets a live key push usage outside the production timeline.",
  }),
  DENO_DEPLOYMENT_ID: optional(text, { summary: "Set by Deno Deploy; names the deployment." }),
  OTEL_DENO: optional(text, {
    summary: "true exports traces and metrics by OpenTelemetry (Deno).",
  }),
  OTEL_SERVICE_NAME: optional(text, { summary: "Service name in OpenTelemetry." }),
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(text, { summary: "Where OpenTelemetry data goes." }),
  OTEL_EXPORTER_OTLP_PROTOCOL: optional(text, {
    summary: "Protocol of the OpenTelemetry exporter: http/protobuf or http/json.",
  }),
} as const;

export type VariableName = keyof typeof VARIABLES;

/** The parsed values by name; a variable without a fallback may be undefined. */
export type RawEnv = {
  readonly [Name in VariableName]: (typeof VARIABLES)[Name] extends
    { readonly schema: z.ZodType<infer T, string>; readonly fallback: string } ? T
    : (typeof VARIABLES)[Name] extends { readonly schema: z.ZodType<infer T, string> }
      ? T | undefined
    : never;
};

/** The text of `--help`. */
export function variablesHelp(): string {
  const rows = Object.entries<Variable>(VARIABLES).map(([name, { fallback, summary }]) =>
    `  ${name}${fallback === undefined ? "" : `=${fallback}`}\n      ${summary}`
  );
  return `Environment variables:\n${rows.join("\n")}\n`;
}

interface Words {
  readonly summary: string;
  readonly secret?: true;
}

function variable<T>(
  schema: z.ZodType<T, string>,
  { extra, ...words }: Words & { fallback: string; extra?: (value: T) => true | string },
): Variable<T> & { readonly fallback: string } {
  if (extra === undefined) return { schema, ...words };
  const checked = schema.superRefine((value, context) => {
    const verdict = extra(value);
    if (verdict !== true) context.addIssue({ code: "custom", message: verdict });
  });
  return { schema: checked, ...words };
}

function optional<T>(schema: z.ZodType<T, string>, words: Words): Omit<Variable<T>, "fallback"> {
  return { schema, ...words };
}

function wholeNumber(least: number, most: number): z.ZodType<number, string> {
  const wrong = `must be a whole number from ${least} to ${most}`;
  return z.string().regex(/^\d{1,9}$/, wrong).transform(Number)
    .refine((value) => value >= least && value <= most, wrong);
}

function choice<const T extends readonly string[]>(words: T): z.ZodType<T[number], string> {
  const wrong = `must be one of ${words.join(", ")}`;
  return z.string().transform((word, context) => {
    if (words.includes(word)) return word;
    context.addIssue({ code: "custom", message: wrong });
    return z.NEVER;
  });
}

function url(protocols: readonly string[]): z.ZodType<string, string> {
  return z.string().refine(
    (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
    `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`,
  );
}
