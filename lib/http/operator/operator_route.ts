import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { NotActing } from "@/lib/ports/acting.ts";
import { ProviderError } from "@/lib/ports/billing_provider.ts";
import type { Services } from "@/lib/services.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";
import { readJson } from "../body.ts";
import type { ApiContext } from "../define.ts";
import { methods } from "../methods.ts";
import { operatorOf } from "../operator_only.ts";
import {
  NOTHING,
  type OperatorAnswer,
  type OperatorCall,
  type OperatorOperation,
} from "./operation.ts";
import { problem, serveOnce } from "./serve_once.ts";

const BODY_BYTES_MAX = 65_536;

/** The handler of one path: each operation under its method, 405 with `Allow` for the others. */
export function operatorRoute(...operations: readonly OperatorOperation[]) {
  return methods<ApiContext>(
    Object.fromEntries(
      operations.map((operation) => [
        operation.method,
        (ctx: ApiContext) => serve(operation, ctx),
      ]),
    ),
  );
}

async function serve(operation: OperatorOperation, ctx: ApiContext): Promise<Response> {
  const operator = operatorOf(ctx);
  if (!operator.ok) return problem(operator.error, ctx);
  const input = await readInput(operation, ctx);
  if (!input.ok) return problem(input.error, ctx);
  const asked = { operatorId: operator.value.operatorId, input: input.value };
  return await serveOnce(ctx, {
    ...asked,
    carryOut: async (services) => {
      const done = await carryOut(operation, ctx, { ...asked, services });
      if (!done.ok) return done;
      const { status = operation.answer.status, body, headers = {} } = done.value;
      return accept({ status, headers: Object.entries(headers), body: JSON.stringify(body) });
    },
  });
}

async function carryOut(
  operation: OperatorOperation,
  ctx: ApiContext,
  { operatorId, input, services }: {
    readonly operatorId: string;
    readonly input: unknown;
    readonly services: Services;
  },
): Promise<Result<OperatorAnswer>> {
  const { requestId, ip } = ctx.state;
  const act: Act = { actor: { kind: "operator", id: operatorId }, ip, requestId };
  const nowMs = services.clock.nowMs();
  const call = {
    services,
    act,
    operatorId,
    params: ctx.params,
    input,
    req: ctx.req,
    nowMs,
    operationId: operation.id,
  };
  const done = await operation.carryOut(call).catch((error) => saidByProvider(error, call));
  // Such acts name their author in what they write, or change nothing that a crash here could hide.
  if (done.ok && done.value.note !== undefined) {
    await services.audit.append(auditDraft(act, { ...done.value.note, atMs: nowMs }));
  }
  return done;
}

/** An operator can act on what Stripe says; elsewhere it stays in the log. */
function saidByProvider(
  error: unknown,
  { services, operationId, act: { requestId } }: OperatorCall<unknown>,
): Result<never> {
  if (!(error instanceof ProviderError)) throw error;
  if (error instanceof NotActing) return refuse({ code: error.code, detail: error.message });
  services.logger.warn("provider_refused", { operationId, requestId, error });
  return refuse({ code: "provider_refused", detail: `Stripe says: ${error.message}` });
}

/** The query as an object, or the strictly read body. */
async function readInput(
  { method, input, maxBytes = BODY_BYTES_MAX }: OperatorOperation,
  { req, url }: ApiContext,
): Promise<Result<unknown>> {
  if (method === "GET") return accept(Object.fromEntries(url.searchParams));
  if (input === NOTHING) return accept({});
  return await readJson(req, { maxBytes });
}
