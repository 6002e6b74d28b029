import { invariant } from "@/lib/domain/invariant.ts";
import { API_VERSION } from "./events.ts";
import { decodeForm } from "./form.ts";
import { StripeRefusal } from "./refusal.ts";

/** No real call comes near it. */
const MAX_BODY_BYTES = 1_048_576;

/** A call as it arrived, read to its end. */
export interface ApiCall {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
  readonly apiVersion: string;
  readonly idempotencyKey: string | null;
  readonly token: string | null;
}

export async function readCall(request: Request): Promise<ApiCall> {
  const url = new URL(request.url);
  const bytes = new Uint8Array(await request.arrayBuffer());
  invariant(bytes.length <= MAX_BODY_BYTES, "A call to the simulator is too large");
  const authorization = request.headers.get("authorization") ?? "";
  const token = /^Bearer (.+)$/.exec(authorization)?.[1] ?? null;
  return {
    method: request.method,
    path: url.pathname,
    query: url.search.slice(1),
    body: new TextDecoder().decode(bytes),
    apiVersion: request.headers.get("stripe-version") ?? API_VERSION,
    idempotencyKey: request.headers.get("idempotency-key"),
    token,
  };
}

/** Form for v1, JSON for v2, the query for what only reads or deletes. */
export function rawParams(call: ApiCall): unknown {
  if (call.method === "GET" || call.method === "DELETE") {
    return { ...decodeForm(call.query), ...decodeForm(call.body) };
  }
  if (call.path.startsWith("/v1/")) return decodeForm(call.body);
  try {
    return call.body === "" ? {} : JSON.parse(call.body);
  } catch {
    throw new StripeRefusal("The body is not valid JSON.", { beforeRun: true });
  }
}

/** The identifiers of the meter events in a call. */
export function identifiersIn(raw: unknown): string[] {
  const pick = (event: unknown) =>
    typeof event === "object" && event !== null && "identifier" in event &&
      typeof event.identifier === "string"
      ? [event.identifier]
      : [];
  if (typeof raw === "object" && raw !== null && "events" in raw && Array.isArray(raw.events)) {
    return raw.events.flatMap(pick);
  }
  return pick(raw);
}
