import { hash } from "node:crypto";
import { accept, type Refusal, type Result } from "@/lib/domain/result.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { Services } from "@/lib/services.ts";
import { type ActDecision, type ActReply, isKeepable } from "@/lib/tenancy/act_once.ts";
import type { ApiContext } from "../define.ts";
import { problemDocument, problemResponse, problemType } from "../problem.ts";

export interface OnceRequest {
  readonly operatorId: string;
  readonly input: unknown;
  /** Does it, naming what it makes by the ids of these services. */
  readonly carryOut: (services: Services) => Promise<Result<ActReply>>;
}

/**
 * Carries a request out, under its `Idempotency-Key` once: the answer is stored before it is sent,
 * and whoever repeats the request gets it.
 */
export async function serveOnce(ctx: ApiContext, request: OnceRequest): Promise<Response> {
  const begun = await begin(ctx, request);
  if (!begun.ok) return problem(begun.error, ctx, RETRY_SOON[begun.error.code]);
  const decision = begun.value;
  if (decision?.kind === "replay") {
    const { reply } = decision;
    return respond({ ...reply, headers: [...reply.headers, ["idempotency-replayed", "true"]] });
  }
  const { services } = ctx.state;
  if (decision === null) return answer(await request.carryOut(services), ctx);
  let done: Result<ActReply>;
  try {
    done = await request.carryOut(withIds(services, decision.ids));
  } catch (error) {
    await decision.failed();
    throw error;
  }
  if (done.ok) await decision.answered(isKeepable(done.value.body) ? done.value : TOO_LARGE);
  else await decision.refused();
  return answer(done, ctx);
}

/** `null` without a key. */
async function begin(
  { req, url, state }: ApiContext,
  { operatorId, input }: OnceRequest,
): Promise<Result<ActDecision | null>> {
  const idempotencyKey = req.headers.get("idempotency-key");
  if (idempotencyKey === null || req.method === "GET" || req.method === "HEAD") return accept(null);
  const target = url.pathname + url.search;
  const requestHash = hash("sha256", JSON.stringify([req.method, target, input]), "hex");
  return await state.services.actOnce.begin({ operatorId, idempotencyKey, requestHash });
}

/** The same services, whose new things are named by `ids`. */
function withIds(services: Services, ids: Ids): Services {
  return {
    ...services,
    ids,
    billing: { ...services.billing, ids },
    catalog: { ...services.catalog, ids },
    corrections: { ...services.corrections, ids },
  };
}

function answer(done: Result<ActReply>, ctx: ApiContext): Response {
  return done.ok ? respond(done.value) : problem(done.error, ctx);
}

function respond({ status, headers, body }: ActReply): Response {
  const type = status < 400 ? "application/json" : "application/problem+json";
  const response = new Response(body, { status, headers: { "content-type": type } });
  for (const [name, value] of headers) response.headers.set(name, value);
  return response;
}

export function problem(
  refusal: Refusal,
  { state: { requestId } }: ApiContext,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return problemResponse(refusal, { requestId, headers });
}

const RETRY_SOON: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  idempotency_in_progress: { "retry-after": "1" },
};

const UNKEPT: Refusal = {
  code: "reply_too_large",
  detail: "This request was carried out; its answer was too large to keep, so read the state",
};
/** What a repetition gets in place of an answer that could not be kept. */
const TOO_LARGE: ActReply = {
  status: problemType(UNKEPT.code).status,
  headers: [],
  body: JSON.stringify(problemDocument(UNKEPT)),
};
