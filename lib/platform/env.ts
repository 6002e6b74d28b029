import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";
import { type RawEnv, type Variable, type VariableName, VARIABLES } from "./variables.ts";

/** The whole configuration of a process, parsed once. Nothing else reads the environment. */
export interface Env {
  readonly host: string;
  readonly port: number;
  /** Origin that people and Stripe reach us at, without a trailing slash. */
  readonly baseUrl: string;
  readonly secureCookies: boolean;
  /** `sandbox` when there is no Stripe key: simulator, sample data, embedded file. */
  readonly mode: "sandbox" | "test" | "live";
  readonly kv: {
    /** Path, `:memory:` or a KV Connect URL; `null` is the platform's own database. */
    readonly url: string | null;
    readonly accessToken: string | null;
  };
  readonly stripe: {
    readonly secretKey: string | null;
    /** Two are accepted while a secret is being rotated, separated by a comma. */
    readonly webhookSecrets: readonly string[];
    readonly thinWebhookSecrets: readonly string[];
    readonly apiBase: string | null;
    readonly meterMode: "v1" | "v2_stream" | "usage_records";
    /** Whether this process may push usage to Stripe at all. */
    readonly pushAllowed: boolean;
  };
  readonly metering: {
    readonly durability: "commit" | "buffer";
    readonly windowMs: number;
  };
  readonly ratingUpstreamUrl: string | null;
  /** Absent in the sandbox, which makes its own and keeps it beside the data. */
  readonly sessionSecret: string | null;
  readonly operatorToken: string | null;
  /** Lowercase. */
  readonly operatorEmails: readonly string[];
  readonly smtpUrl: string | null;
  readonly mailFrom: string;
  readonly oidc: {
    readonly issuer: string;
    readonly clientId: string;
    readonly clientSecret: string;
  } | null;
  readonly trustProxy: boolean;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  readonly sandboxSeed: boolean;
  readonly timeline: string | null;
  readonly onDeploy: boolean;
}

/** Where the sandbox and the test mode keep their data unless `KV_URL` says otherwise. */
export const SANDBOX_KV_PATH = ".data/clawmeter.db";
export const TEST_KV_PATH = ".data/clawmeter-test.db";

/** Reads the process environment; asks for the variables of the table only. */
export function loadEnv(): Result<Env> {
  const source: Partial<Record<VariableName, string>> = {};
  for (const name of variableNames()) {
    const text = Deno.env.get(name);
    if (text !== undefined) source[name] = text;
  }
  return parseEnv(source);
}

/** Errors: `environment_invalid`, whose `errors` name every variable that is wrong. */
export function parseEnv(source: Partial<Record<VariableName, string>>): Result<Env> {
  const problems: Refusal[] = [];
  const raw = parseVariables(source, problems);
  problems.push(...judgeTogether(raw));
  if (problems.length > 0) {
    return refuse({
      code: "environment_invalid",
      detail: `The environment has ${problems.length} problem${problems.length > 1 ? "s" : ""}:\n` +
        problems.map(({ pointer, detail }) => `  ${pointer?.slice(1)}: ${detail}`).join("\n"),
      errors: problems,
    });
  }
  return accept(shape(raw));
}

function variableNames(): VariableName[] {
  return Object.keys(VARIABLES) as VariableName[];
}

function parseVariables(
  source: Partial<Record<VariableName, string>>,
  problems: Refusal[],
): RawEnv {
  const raw: Record<string, unknown> = {};
  for (const name of variableNames()) {
    const { schema, fallback }: Variable = VARIABLES[name];
    const text = source[name]?.trim() || fallback;
    const parsed = text === undefined ? null : schema.safeParse(text);
    if (parsed !== null && !parsed.success) {
      for (const issue of parsed.error.issues) problems.push(problem(name, issue.message));
    }
    raw[name] = parsed?.success ? parsed.data : undefined;
  }
  return raw as RawEnv;
}

/** Rules over several variables: above all, live money and sandbox data never meet. */
function judgeTogether(raw: RawEnv): Refusal[] {
  const found: Refusal[] = [];
  const mode = modeOf(raw);
  const require = (name: VariableName, why: string) => {
    if (raw[name] === undefined) found.push(problem(name, why));
  };
  if (mode === "sandbox" && onDeploy(raw)) {
    require(
      "STRIPE_SECRET_KEY",
      "is required on Deno Deploy: the sandbox's Stripe simulator needs a machine of its own",
    );
  }
  if (mode !== "sandbox") {
    require(
      "SESSION_SECRET",
      "is required with a Stripe key; make one with `openssl rand -hex 32`",
    );
    require(
      "OPERATOR_TOKEN",
      "is required with a Stripe key; make one with `openssl rand -hex 32`",
    );
    if (raw.SANDBOX_SEED === true) {
      found.push(problem("SANDBOX_SEED", "must not be 1 with a Stripe key: samples are not real"));
    }
  }
  if (mode === "live") {
    require("STRIPE_WEBHOOK_SECRET", "is required with a live Stripe key");
    if (!onDeploy(raw)) {
      require("KV_URL", "must name the production database with a live Stripe key");
    }
    if (raw.KV_URL === SANDBOX_KV_PATH || raw.KV_URL === TEST_KV_PATH) {
      found.push(problem("KV_URL", "holds sandbox data, which must not meet a live Stripe key"));
    }
    if (raw.KV_URL === ":memory:") {
      found.push(problem("KV_URL", "must outlive the process with a live Stripe key"));
    }
    if (raw.STRIPE_API_BASE !== undefined) {
      found.push(problem("STRIPE_API_BASE", "is for tests and must not be set with a live key"));
    }
    if (raw.BASE_URL?.startsWith("https://") !== true) {
      found.push(problem("BASE_URL", "must be the public https origin with a live Stripe key"));
    }
  }
  if (raw.KV_URL?.startsWith("http")) {
    require("DENO_KV_ACCESS_TOKEN", "is required when KV_URL is a KV Connect address");
  }
  const oidc = ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"] as const;
  if (oidc.some((name) => raw[name] !== undefined)) {
    for (const name of oidc) require(name, "is required when another OIDC_ variable is set");
  }
  return found;
}

function shape(raw: RawEnv): Env {
  const mode = modeOf(raw);
  return {
    host: raw.HOST,
    port: raw.PORT,
    baseUrl: raw.BASE_URL ?? `http://${urlHost(raw.HOST)}:${raw.PORT}`,
    secureCookies: raw.BASE_URL?.startsWith("https://") ?? false,
    mode,
    kv: { url: raw.KV_URL ?? defaultKv(raw), accessToken: raw.DENO_KV_ACCESS_TOKEN ?? null },
    stripe: {
      secretKey: raw.STRIPE_SECRET_KEY ?? null,
      webhookSecrets: raw.STRIPE_WEBHOOK_SECRET ?? [],
      thinWebhookSecrets: raw.STRIPE_THIN_WEBHOOK_SECRET ?? [],
      apiBase: raw.STRIPE_API_BASE ?? null,
      meterMode: raw.STRIPE_METER_MODE,
      pushAllowed: mode !== "live" || raw.DENO_TIMELINE === "production" ||
        raw.ALLOW_LIVE_PUSH === true,
    },
    metering: { durability: raw.METERING_DURABILITY, windowMs: raw.WINDOW_SECONDS * 1_000 },
    ratingUpstreamUrl: raw.RATING_UPSTREAM_URL ?? null,
    sessionSecret: raw.SESSION_SECRET ?? null,
    operatorToken: raw.OPERATOR_TOKEN ?? null,
    operatorEmails: raw.OPERATOR_EMAILS ?? [],
    smtpUrl: raw.SMTP_URL ?? null,
    mailFrom: raw.MAIL_FROM,
    oidc: oidcOf(raw),
    trustProxy: raw.TRUST_PROXY ?? onDeploy(raw),
    logLevel: raw.LOG_LEVEL,
    sandboxSeed: mode === "sandbox" && raw.SANDBOX_SEED !== false,
    timeline: raw.DENO_TIMELINE ?? null,
    onDeploy: onDeploy(raw),
  };
}

function modeOf(raw: RawEnv): Env["mode"] {
  const key = raw.STRIPE_SECRET_KEY;
  if (key === undefined) return "sandbox";
  return /^(sk|rk)_live_/.test(key) ? "live" : "test";
}

function defaultKv(raw: RawEnv): string | null {
  if (onDeploy(raw)) return null;
  return modeOf(raw) === "sandbox" ? SANDBOX_KV_PATH : TEST_KV_PATH;
}

function oidcOf(raw: RawEnv): Env["oidc"] {
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET } = raw;
  if (!OIDC_ISSUER || !OIDC_CLIENT_ID || !OIDC_CLIENT_SECRET) return null;
  return { issuer: OIDC_ISSUER, clientId: OIDC_CLIENT_ID, clientSecret: OIDC_CLIENT_SECRET };
}

function onDeploy(raw: RawEnv): boolean {
  return raw.DENO_DEPLOYMENT_ID !== undefined;
}

function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

function problem(name: VariableName, detail: string): Refusal {
  return { code: "environment_invalid", detail, pointer: `/${name}` };
}
