import { ProviderError, type SendOutcome } from "@/lib/ports/billing_provider.ts";

/** What Stripe's SDK throws, read without importing it. */
export interface StripeFailure {
  /** The SDK's class, e.g. `StripeRateLimitError`. */
  readonly type: string;
  readonly status: number | null;
  readonly code: string | null;
  readonly message: string;
  readonly retryAfterMs: number | null;
}

const DEFAULT_RETRY_MS = 1_000;
const MAX_RETRY_AFTER_MS = 600_000;
const DUPLICATE = /already exists with identifier/i;

/** `null` when the error is not the SDK's, which is a defect of ours. */
export function readFailure(error: unknown): StripeFailure | null {
  if (!(error instanceof Error) || !("type" in error) || typeof error.type !== "string") {
    return null;
  }
  return {
    type: error.type,
    status: "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : null,
    code: "code" in error && typeof error.code === "string" ? error.code : null,
    message: error.message,
    retryAfterMs: "headers" in error ? retryAfter(error.headers) : null,
  };
}

/** What a failed send means for the meter event. */
export function outcomeOf(error: unknown): SendOutcome {
  if (error instanceof ProviderError) {
    return { kind: "refused", code: error.code, detail: error.message };
  }
  const failure = readFailure(error);
  // Not the SDK's own: it may have been thrown before or after the event left.
  if (failure === null) return { kind: "unknown", detail: String(error) };
  const { status, message, code, type } = failure;
  if (status === 401 || status === 403) return { kind: "unauthorized", detail: message };
  if (status === 429 || status === 409 || code === "rate_limit" || code === "lock_timeout") {
    return { kind: "throttled", retryAfterMs: failure.retryAfterMs ?? DEFAULT_RETRY_MS };
  }
  if (status === null || status >= 500) return { kind: "unknown", detail: message };
  if (DUPLICATE.test(message)) return { kind: "already_exists" };
  const named = code ?? codeFromMessage(message) ??
    (type === "StripeIdempotencyError" ? "idempotency_mismatch" : "invalid_request");
  return { kind: "refused", code: named, detail: message };
}

/** Runs a call that has no outcome of its own; its failures become `ProviderError`s. */
export async function guarded<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw asProviderError(error);
  }
}

/** Codes: `unauthorized`, `throttled`, `unavailable`, or Stripe's own. */
export function asProviderError(error: unknown): unknown {
  const failure = readFailure(error);
  if (failure === null) return error;
  return new ProviderError(codeOf(failure), failure.message, { cause: error });
}

export function isMissing(error: unknown): boolean {
  const failure = readFailure(error);
  return failure?.status === 404 || failure?.code === "resource_missing";
}

/** The effect may have happened, or may happen if the call is repeated. */
export function isTransient(error: unknown): boolean {
  const failure = readFailure(error);
  return failure !== null &&
    (failure.status === null || failure.status >= 500 || failure.status === 409 ||
      failure.status === 429);
}

/**
 * Somebody was faster, or an earlier attempt arrived under other parameters. Stripe's words differ
 * by object and not all have a code; read too widely it costs one more look, and no harm.
 */
export function isConflict(error: unknown): boolean {
  const failure = readFailure(error);
  if (failure === null) return false;
  return failure.type === "StripeIdempotencyError" || failure.code === "resource_already_exists" ||
    (failure.status === 400 && /\balready\b/i.test(failure.message));
}

function codeOf({ status, code }: StripeFailure): string {
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 429) return "throttled";
  if (status === null || status >= 500) return "unavailable";
  return code ?? "invalid_request";
}

/** Stripe refuses a timestamp without a code of its own. */
function codeFromMessage(message: string): string | null {
  if (/days in (the )?past/i.test(message)) return "timestamp_too_far_in_past";
  if (/minutes in (the )?future/i.test(message)) return "timestamp_in_future";
  return null;
}

function retryAfter(headers: unknown): number | null {
  if (typeof headers !== "object" || headers === null || !("retry-after" in headers)) return null;
  const seconds = Number(headers["retry-after"]);
  if (!Number.isFinite(seconds) || seconds < 0) return null;
  return Math.min(seconds * 1_000, MAX_RETRY_AFTER_MS);
}
