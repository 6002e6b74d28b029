import type { Refusal } from "@/lib/domain/result.ts";
import { admitCaller, paceCall, readCallBody } from "./admit_call.ts";
import type { Operation } from "./api/operation.ts";
import type { ApiContext, AppState } from "./define.ts";
import { problemResponse } from "./problem.ts";
import { openReplay } from "./replay.ts";
import { runCall } from "./run_call.ts";
import { refusedCall, replayedCall, type Served } from "./served.ts";

/** Decisions made anew because the configuration moved under a call. */
const DECISIONS_MAX = 4;

/**
 * Serves one call of the tenant API, in this order: who calls, may they, how fast, what do they
 * send, is it answered already, is there quota and budget, do it, make the units durable, and only
 * then reply. Nothing is billed that was not answered, nor answered that is not durable.
 */
export async function serveCall(operation: Operation, ctx: ApiContext): Promise<Response> {
  const began = performance.now();
  const served = await serve(operation, ctx);
  noteCall(operation, ctx.state, { served, micros: (performance.now() - began) * 1_000 });
  return toResponse(served, ctx.state.requestId);
}

async function serve(operation: Operation, ctx: ApiContext): Promise<Served> {
  const { req, state } = ctx;
  const found = admitCaller(operation, ctx);
  const admitted = found instanceof Promise ? await found : found;
  if (!admitted.ok) return refusedCall(admitted.error);
  let caller = admitted.value;
  const { refusal, headers } = paceCall(caller, state);
  if (refusal !== null) return refusedCall(refusal, { caller, headers });
  const read = readCallBody(operation, req);
  const body = read instanceof Promise ? await read : read;
  if (!body.ok) return refusedCall(body.error, { caller, headers });

  const opened = openReplay(ctx, { tenantId: caller.tenant.tenantId, text: body.value.text });
  const replay = opened instanceof Promise ? await opened : opened;
  if (replay.kind === "refused") return refusedCall(replay.error, { caller, headers });
  if (replay.kind === "answered") return replayedCall(replay.reply, { caller, headers });
  try {
    for (let decision = 1; decision <= DECISIONS_MAX; decision++) {
      const served = await runCall(operation, ctx, {
        caller,
        body: body.value.value,
        headers,
        replay,
      });
      if (served !== "config_changed") return served;
      state.services.authenticator.invalidate(caller.epoch);
      const again = await admitCaller(operation, ctx);
      if (!again.ok) return refusedCall(again.error, { caller, headers });
      caller = again.value;
    }
    return refusedCall(UNSETTLED, { caller, headers: [["retry-after", "1"], ...headers] });
  } finally {
    replay.close();
  }
}

function toResponse({ status, headers, body }: Served, requestId: string): Response {
  if (typeof body !== "string") {
    const missing = Reflect.get(body, "missingEntitlements");
    return problemResponse(body, {
      requestId,
      headers: Object.fromEntries(headers),
      ...(missing === undefined ? {} : { extra: { missing_entitlements: missing } }),
    });
  }
  const response = new Response(body === "" ? null : body, { status });
  if (body !== "") response.headers.set("content-type", "application/json");
  for (const [name, value] of headers) response.headers.set(name, value);
  return response;
}

/** The request log, and metrics by operation. */
function noteCall(
  operation: Operation,
  { services, requestId, startedAtMs }: AppState,
  { served, micros }: { readonly served: Served; readonly micros: number },
): void {
  const { status, body, caller, units, cost } = served;
  services.callMetrics.note(operation.id, { status, seconds: micros / 1e6, units });
  if (caller === null) return;
  services.trafficLog.note({
    requestId,
    tenantId: caller.tenant.tenantId,
    keyId: caller.key.keyId,
    atMs: startedAtMs,
    route: `${operation.method} ${operation.path}`,
    status,
    code: typeof body === "string" ? null : body.code,
    units,
    cost,
    latencyMicros: Math.round(micros),
  }, served.counted);
}

const UNSETTLED: Refusal = {
  code: "unavailable",
  detail: "The configuration kept changing while this call was decided; try again",
};
