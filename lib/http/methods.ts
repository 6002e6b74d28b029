import { problemResponse } from "./problem.ts";

export type ApiMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** The part of a Fresh context that the dispatch needs. */
interface RequestContext {
  readonly req: Request;
  readonly state: { readonly requestId?: string };
}

type Handlers<Ctx> = Partial<Record<ApiMethod, (ctx: Ctx) => Response | Promise<Response>>>;

/**
 * One handler for all methods of an API route: a lazy file route would answer a wrong method with
 * 404. Here it is 405 with `Allow`; OPTIONS tells what there is, HEAD is GET without a body.
 */
export function methods<Ctx extends RequestContext>(
  handlers: Handlers<Ctx>,
): (ctx: Ctx) => Response | Promise<Response> {
  const allow = allowedMethods(handlers).join(", ");
  return (ctx) => {
    const { method } = ctx.req;
    const handler = own(handlers, method);
    if (handler !== undefined) return handler(ctx);
    if (method === "OPTIONS") return new Response(null, { status: 204, headers: { allow } });
    if (method === "HEAD" && handlers.GET !== undefined) return withoutBody(handlers.GET(ctx));
    const { requestId } = ctx.state;
    const detail = `${method} is not supported here; there is ${allow}`;
    return problemResponse({ code: "method_not_allowed", detail }, {
      ...(requestId === undefined ? {} : { requestId }),
      headers: { allow },
    });
  };
}

function own<Ctx>(handlers: Handlers<Ctx>, method: string) {
  switch (method) {
    case "GET":
    case "POST":
    case "PUT":
    case "PATCH":
    case "DELETE":
      return handlers[method];
    default:
      return undefined;
  }
}

function allowedMethods<Ctx>(handlers: Handlers<Ctx>): string[] {
  const known = Object.keys(handlers);
  return [...known, ...known.includes("GET") ? ["HEAD"] : [], "OPTIONS"];
}

async function withoutBody(answer: Response | Promise<Response>): Promise<Response> {
  const { body, status, headers } = await answer;
  await body?.cancel();
  return new Response(null, { status, headers });
}
