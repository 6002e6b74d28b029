/**
 * The whole app as one function from request to response, on real parts: embedded KV in memory, the
 * Stripe simulator over HTTP, our Fresh with its file routes.
 */
import { Builder } from "fresh/dev";
import config from "@/fresh.config.ts";
import { compose, type ComposeOptions, type Runtime } from "@/lib/compose.ts";
import { createApp } from "@/lib/create_app.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Result } from "@/lib/domain/result.ts";
import type { AppState } from "@/lib/http/define.ts";
import { parseEnv } from "@/lib/platform/env.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { createApiKey } from "@/lib/tenancy/api_keys.ts";
import { createTenant } from "@/lib/tenancy/tenants.ts";
import { PATIENT_KV } from "./patient_kv.ts";

export const ACT: Act = {
  actor: { kind: "system", id: "tests" },
  ip: null,
  requestId: "req_test",
};
export const OPERATOR_TOKEN = "operator-token-of-the-tests-0123456789";
export const BASE_URL = "http://127.0.0.1:8000";

export interface ApiWorld extends AsyncDisposable {
  readonly runtime: Runtime;
  /** Sends one request; JSON is encoded, and the answer's body is decoded. */
  send(request: ApiRequest): Promise<ApiReply>;
  /** A tenant on `test@1`, or on a variant of it, with a key for everything. */
  tenant(tenantId: string, plan?: Partial<PlanVersion>): Promise<TestTenant>;
}

export interface ApiRequest {
  readonly method?: string;
  readonly path: string;
  /** API key or operator token. */
  readonly key?: string;
  readonly json?: unknown;
  /** Raw body in place of `json`. */
  readonly body?: BodyInit;
  readonly headers?: Readonly<Record<string, string>>;
  /** The caller's address; unknown when absent. */
  readonly from?: string;
}

export interface ApiReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

export interface TestTenant {
  readonly tenantId: string;
  readonly keyId: string;
  readonly key: string;
}

/** Prices of tests: a cent a rating after ten free ones, tenths of a cent for the rest. */
const TEST_PLAN: PlanVersion = {
  planId: "test",
  revision: 1,
  planRevision: "test@1",
  name: "Test",
  description: "",
  currency: "usd",
  interval: "month",
  baseFee: 0n,
  minimumCommitment: 0n,
  meters: [
    {
      meter: "risk_score",
      price: { model: "per_unit", unitAmount: 10n ** 12n },
      includedUnits: 10n,
      quota: null,
    },
    {
      meter: "compliance",
      price: { model: "per_unit", unitAmount: 10n ** 11n },
      includedUnits: 0n,
      quota: null,
    },
  ],
  features: ["batch", "prices:write", "events:write"],
  limits: { requestsPerSecond: 10_000, burst: 10_000 },
  graceDays: 14,
  status: "published",
  createdAtMs: 0,
};

export async function startApi(
  env: Readonly<Record<string, string>> = {},
  options: ComposeOptions = {},
): Promise<ApiWorld> {
  const parsed = parseEnv({
    KV_URL: ":memory:",
    BASE_URL,
    LOG_LEVEL: "error",
    SANDBOX_SEED: "0",
    OPERATOR_TOKEN,
    ...env,
  });
  const runtime = await compose(must(parsed), { ...options, kv: { ...PATIENT_KV, ...options.kv } });
  const { services } = runtime;
  const app = createApp(services);
  const apply = await new Builder<AppState>(config.build).build({ snapshot: "memory" });
  apply(app);
  const handler = app.handler();
  let plans = 0;

  async function tenant(tenantId: string, plan: Partial<PlanVersion> = {}): Promise<TestTenant> {
    const revision = ++plans;
    const planRevision = `test@${revision}`;
    await services.plans.putPlan({ ...TEST_PLAN, ...plan, revision, planRevision }, null);
    must(
      await createTenant({ tenantId, name: tenantId, planRevision }, { deps: services, act: ACT }),
    );
    const { key, secret } = must(
      await createApiKey(
        { tenantId, name: "tests", mode: "test", scopes: ["*"] },
        { deps: services, act: ACT },
      ),
    );
    return { tenantId, keyId: key.keyId, key: secret };
  }

  return {
    runtime,
    tenant,
    send: async ({ method, path, key, json, body, headers, from }) => {
      const response = await handler(
        new Request(`${BASE_URL}${path}`, {
          method: method ?? (json === undefined && body === undefined ? "GET" : "POST"),
          headers: {
            ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
            ...(json === undefined ? {} : { "content-type": "application/json" }),
            ...headers,
          },
          ...(json === undefined ? {} : { body: JSON.stringify(json) }),
          ...(body === undefined ? {} : { body }),
        }),
        from === undefined ? undefined : {
          remoteAddr: { transport: "tcp", hostname: from, port: 1 },
          completed: Promise.resolve(),
        },
      );
      const text = await response.text();
      const isJson = /json/.test(response.headers.get("content-type") ?? "");
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: isJson && text !== "" ? JSON.parse(text) : null,
      };
    },
    [Symbol.asyncDispose]: () => runtime.stop(),
  };
}

export function must<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.error.code}: ${result.error.detail}`);
}
