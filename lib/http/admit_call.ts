import { decideFeature, decideStatus, effectiveLimits } from "@/lib/domain/decide.ts";
import { accept, type Refusal, type Result } from "@/lib/domain/result.ts";
import { requireScope } from "@/lib/auth/scopes.ts";
import type { CallerConfig } from "@/lib/ports/tenancy.ts";
import type { Services } from "@/lib/services.ts";
import type { Operation } from "./api/operation.ts";
import { readJson, readText } from "./body.ts";
import type { HeaderPair } from "./call_headers.ts";
import type { AppState } from "./define.ts";
import { rateLimitHeaders } from "./rate_limit_headers.ts";

/** Who calls, and whether they may call this at all; at once while the caller is in memory. */
export function admitCaller(
  operation: Operation,
  { req, state }: { readonly req: Request; readonly state: AppState },
): Result<CallerConfig> | Promise<Result<CallerConfig>> {
  const { services, ip } = state;
  const found = services.authenticator.authenticate({
    authorization: req.headers.get("authorization"),
    ip,
    // Such writes commit no units, so no epoch check would catch a key revoked a moment ago.
    fresh: operation.demand === undefined && operation.method !== "GET",
  });
  return found instanceof Promise
    ? found.then((caller) => admitKnown(operation, caller, services))
    : admitKnown(operation, found, services);
}

function admitKnown(
  operation: Operation,
  caller: Result<CallerConfig>,
  services: Services,
): Result<CallerConfig> {
  if (!caller.ok) return caller;
  const { key, tenant } = caller.value;
  const status = decideStatus(tenant, services.clock.nowMs());
  if (!status.ok) return status;
  const scope = requireScope(key.scopes, operation.scope);
  if (!scope.ok) return scope;
  if (operation.feature !== undefined) {
    const feature = decideFeature(caller.value, operation.feature);
    if (!feature.ok) return feature;
  }
  return caller;
}

export interface PacedCall {
  readonly refusal: Refusal | null;
  /** For every reply, served or not. */
  readonly headers: readonly HeaderPair[];
}

/** One token of the tenant's bucket. Refusal: `rate_limited`. */
export function paceCall(caller: CallerConfig, { services }: AppState): PacedCall {
  const limit = effectiveLimits(caller);
  const verdict = services.rateLimiter.take(caller.tenant.tenantId, limit);
  const { allowed, remaining, retryAfterMs } = verdict;
  const headers = rateLimitHeaders([{
    policy: "burst",
    quota: limit.burst,
    windowSeconds: Math.ceil(limit.burst / limit.requestsPerSecond),
    remaining,
    resetSeconds: retryAfterMs / 1_000,
  }]);
  if (allowed) return { refusal: null, headers };
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  const detail = `The plan allows ${limit.requestsPerSecond} calls a second and bursts of ` +
    `${limit.burst}; try again in ${seconds} s`;
  return {
    refusal: { code: "rate_limited", detail },
    headers: [...headers, ["retry-after", String(seconds)]],
  };
}

export interface CallBody {
  /** What the operation gets. */
  readonly value: unknown;
  /** What makes two requests the same, for idempotency. */
  readonly text: string;
}

/** The body as the operation declares it. Errors: those of `readJson` and `readText`. */
export function readCallBody(
  { request }: Operation,
  req: Request,
): Result<CallBody> | Promise<Result<CallBody>> {
  if (request === undefined) return NO_BODY;
  const { types, maxBytes } = request;
  if (request.kind === "lines") {
    return readText(req, { types, maxBytes }).then((text) =>
      text.ok ? accept({ value: text.value, text: text.value }) : text
    );
  }
  // Only a request with a key is ever compared, so only then is the text worth its cost.
  const hasKey = req.headers.get("idempotency-key") !== null;
  return readJson(req, { types, maxBytes }).then((json) => {
    if (!json.ok) return json;
    return accept({ value: json.value, text: hasKey ? JSON.stringify(json.value) : "" });
  });
}

const NO_BODY: Result<CallBody> = accept({ value: undefined, text: "" });
