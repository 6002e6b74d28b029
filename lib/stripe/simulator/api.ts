import { type ApiCall, identifiersIn, rawParams, readCall } from "./api_call.ts";
import type { SavedReplyDoc } from "./documents.ts";
import type { Host } from "./endpoint.ts";
import type { FaultAction, FaultScript } from "./faults.ts";
import { decodeForm } from "./form.ts";
import { meterNamed } from "./meters.ts";
import { StripeRefusal } from "./refusal.ts";
import { findEndpoint } from "./routes.ts";
import type { OpenTransaction, Transaction } from "./state.ts";

const MAX_KEY_LENGTH = 255;
const STREAM_PATH = "/v2/billing/meter_event_stream";

export interface ApiDeps {
  readonly host: Host;
  readonly secretKey: string;
  readonly faults: FaultScript;
  readonly exclusively: <T>(change: (tx: OpenTransaction) => T) => Promise<T>;
  readonly nowMs: () => number;
  readonly isDown: () => boolean;
  readonly wait: (ms: number) => Promise<void>;
  readonly refuseLater: (identifier: string, code: string) => void;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers `/v1` and `/v2` as Stripe does. */
export function createApi(deps: ApiDeps): (request: Request) => Promise<Response> {
  const inFlight = new Set<string>();
  let requests = 0;

  return async (request) => {
    requests += 1;
    const requestId = `req_${String(requests).padStart(8, "0")}`;
    const call = await readCall(request);
    const faults = deps.faults.take(call.method, call.path);
    const answer = await answerCall(deps, { call, faults, inFlight });
    if (faults.some((fault) => fault.kind === "lose_reply")) return brokenReply();
    return new Response(answer.body, {
      status: answer.status,
      headers: {
        "content-type": "application/json",
        "request-id": requestId,
        "stripe-version": call.apiVersion,
        ...(call.idempotencyKey === null ? {} : { "idempotency-key": call.idempotencyKey }),
        ...answer.headers,
      },
    });
  };
}

async function answerCall(
  deps: ApiDeps,
  { call, faults, inFlight }: {
    call: ApiCall;
    faults: readonly FaultAction[];
    inFlight: Set<string>;
  },
): Promise<Answer> {
  let lock: string | null = null;
  try {
    if (deps.isDown()) throw serverError(503);
    checkBefore(deps, call, faults);
    lock = await deps.exclusively((tx) => lockOf(tx, call));
    if (lock !== null && inFlight.has(lock)) {
      lock = null;
      throw lockTimeout();
    }
    if (lock !== null) inFlight.add(lock);
    for (const fault of faults) {
      if (fault.kind === "delay") await deps.wait(fault.ms);
    }
    return await deps.exclusively((tx) => execute(deps, tx, { call, faults }));
  } catch (error) {
    if (error instanceof StripeRefusal) return refusalAnswer(error);
    // A defect of the simulator, or its store failed: nothing was committed.
    return refusalAnswer(serverError(500, String(error)));
  } finally {
    if (lock !== null) inFlight.delete(lock);
  }
}

/** What Stripe looks at before anything else: the key, the rate. */
function checkBefore(deps: ApiDeps, call: ApiCall, faults: readonly FaultAction[]): void {
  authenticate(deps, call);
  for (const fault of faults) {
    if (fault.kind === "unauthorized") throw badKey(call.token);
    if (fault.kind === "forbidden") {
      throw new StripeRefusal("The provided key does not have the required permissions.", {
        status: 403,
      });
    }
    if (fault.kind === "rate_limit") {
      throw new StripeRefusal("Request rate limit exceeded.", {
        status: 429,
        code: "rate_limit",
        ...(fault.retryAfterSeconds === undefined
          ? {}
          : { headers: { "retry-after": String(fault.retryAfterSeconds) } }),
      });
    }
    if (fault.kind === "lock_timeout") throw lockTimeout();
  }
  if ((call.idempotencyKey?.length ?? 0) > MAX_KEY_LENGTH) {
    throw new StripeRefusal(`Idempotency keys have at most ${MAX_KEY_LENGTH} characters.`, {
      type: "idempotency_error",
    });
  }
}

function authenticate(deps: ApiDeps, call: ApiCall): void {
  if (call.token === null) {
    throw new StripeRefusal("You did not provide an API key.", { status: 401 });
  }
  if (call.path === STREAM_PATH) return;
  if (call.token !== deps.secretKey) throw badKey(call.token);
}

/** One reply per idempotency key; the effect and the saved reply are one commit. */
function execute(
  deps: ApiDeps,
  tx: OpenTransaction,
  { call, faults }: { call: ApiCall; faults: readonly FaultAction[] },
): Answer {
  const fingerprint = `${call.method} ${call.path} ${call.body}`;
  const saves = call.method === "POST" && call.idempotencyKey !== null;
  const known = saves ? tx.get("saved_replies", call.idempotencyKey ?? "") : undefined;
  if (known !== undefined && deps.nowMs() - known.savedMs < 86_400_000) {
    return replay(known, fingerprint);
  }
  const { answer, saved } = run(deps, tx, { call, faults });
  if (saves && saved) {
    const key = call.idempotencyKey ?? "";
    tx.put("saved_replies", key, {
      key,
      savedMs: tx.nowMs,
      request: fingerprint,
      status: answer.status,
      body: answer.body,
    });
  }
  return answer;
}

function replay(known: SavedReplyDoc, fingerprint: string): Answer {
  if (known.request !== fingerprint) {
    throw new StripeRefusal(
      "Keys for idempotent requests can only be used with the same parameters they were first " +
        `used with. Try using a key other than '${known.key}' if you meant to execute a ` +
        "different request.",
      { type: "idempotency_error" },
    );
  }
  return {
    status: known.status,
    body: known.body,
    headers: { "idempotent-replayed": "true", "stripe-should-retry": "false" },
  };
}

/** v1 saves every reply once the endpoint ran, 500s included; v2 saves success only. */
function run(
  deps: ApiDeps,
  tx: OpenTransaction,
  { call, faults }: { call: ApiCall; faults: readonly FaultAction[] },
): { answer: Answer; saved: boolean } {
  const v1 = call.path.startsWith("/v1/");
  const found = findEndpoint(call.method, call.path);
  if (found === null) throw unknownUrl(call);
  if (call.path === STREAM_PATH) checkStreamToken(tx, call.token ?? "");
  const raw = rawParams(call);
  for (const fault of faults) {
    if (fault.kind === "error_before") {
      return { answer: refusalAnswer(serverError(500)), saved: v1 };
    }
    if (fault.kind === "refuse") {
      throw new StripeRefusal(fault.message ?? "The request was refused.", { code: fault.code });
    }
    if (fault.kind === "refuse_later") {
      for (const identifier of identifiersIn(raw)) deps.refuseLater(identifier, fault.code);
    }
  }
  const { host } = deps;
  const { ids, endpoint } = found;
  try {
    const reply = endpoint.answer({ tx, host, ids, apiVersion: call.apiVersion }, raw);
    const failed = faults.some((fault) => fault.kind === "error_after");
    const answer = failed
      ? refusalAnswer(serverError(500))
      : { status: 200, body: JSON.stringify(reply) };
    return { answer, saved: v1 || !failed };
  } catch (error) {
    if (!(error instanceof StripeRefusal)) throw error;
    // Endpoints check before they write, but a refusal must leave nothing behind in any case.
    tx.reset();
    return { answer: refusalAnswer(error), saved: v1 && !error.beforeRun };
  }
}

/** Stripe takes one call at a time per customer and meter. */
function lockOf(tx: Transaction, call: ApiCall): string | null {
  if (call.method !== "POST" || call.path !== "/v1/billing/meter_events") return null;
  const { event_name: eventName, payload } = decodeForm(call.body);
  if (typeof eventName !== "string" || typeof payload !== "object" || Array.isArray(payload)) {
    return null;
  }
  const key = meterNamed(tx, eventName)?.customerKey ?? "stripe_customer_id";
  return JSON.stringify([eventName, payload[key] ?? null]);
}

function checkStreamToken(tx: Transaction, token: string): void {
  const session = tx.get("stream_sessions", token);
  if (session === undefined || session.expiresMs <= tx.nowMs) {
    throw new StripeRefusal("The temporary session token has expired.", {
      status: 400,
      type: "temporary_session_expired",
      code: "billing_meter_event_session_expired",
    });
  }
}

function refusalAnswer(refusal: StripeRefusal): Answer {
  return {
    status: refusal.status,
    body: JSON.stringify(refusal.body()),
    headers: refusal.headers,
  };
}

function unknownUrl(call: ApiCall): StripeRefusal {
  return new StripeRefusal(
    `Unrecognized request URL (${call.method}: ${call.path}). Please see ` +
      "https://stripe.com/docs or we can help at https://support.stripe.com/.",
    { status: 404, beforeRun: true },
  );
}

function badKey(token: string | null): StripeRefusal {
  const shown = `${(token ?? "").slice(0, 8)}********${(token ?? "").slice(-4)}`;
  return new StripeRefusal(`Invalid API Key provided: ${shown}`, { status: 401 });
}

function lockTimeout(): StripeRefusal {
  return new StripeRefusal(
    "This object cannot be accessed right now because another API request or Stripe process is " +
      "currently accessing it. If you see this error intermittently, retry the request.",
    { status: 429, code: "lock_timeout", headers: { "stripe-should-retry": "true" } },
  );
}

function serverError(status: number, detail = "An unexpected error occurred."): StripeRefusal {
  return new StripeRefusal(detail, {
    status,
    type: "api_error",
    headers: { "stripe-should-retry": "false" },
  });
}

/** The connection breaks after the headers: the caller can't know what happened. */
function brokenReply(): Response {
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.error(new Error("The reply was lost, as scripted"));
    },
  });
  return new Response(body, { status: 200, headers: { "content-type": "application/json" } });
}
