import type { Context } from "../context.ts";
import type { Middleware } from "../types.ts";

export interface CORSOptions<State = unknown> {
  /** The allowed origin or origins; a function gives the one to allow, or nothing. */
  origin:
    | string
    | string[]
    | ((requestOrigin: string, ctx: Context<State>) => string | undefined | null);
  allowMethods?: string[];
  allowHeaders?: string[];
  /** Seconds that a browser may keep the answer to a preflight request. */
  maxAge?: number;
  credentials?: boolean;
  exposeHeaders?: string[];
}

const DEFAULT_METHODS = ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH"];

/** Lets pages of other origins read responses, and answers their preflight requests. */
export function cors<State>(options: CORSOptions<State> = { origin: "*" }): Middleware<State> {
  const allowedFor = originRule(options.origin);
  return async function allowOtherOrigins(ctx) {
    const allowed = allowedFor(ctx.req.headers.get("origin") ?? "", ctx);
    const isPreflight = ctx.req.method === "OPTIONS";
    const response = isPreflight ? preflight(ctx.req, options) : await ctx.next();
    const { headers } = response;
    if (allowed) headers.set("access-control-allow-origin", allowed);
    if (options.origin !== "*") headers.append("vary", "Origin");
    if (options.credentials) {
      headers.set("access-control-allow-credentials", "true");
    }
    if (options.exposeHeaders?.length) {
      headers.set("access-control-expose-headers", options.exposeHeaders.join(","));
    }
    return response;
  };
}

function originRule<State>(
  origin: CORSOptions<State>["origin"],
): (requestOrigin: string, ctx: Context<State>) => string | undefined | null {
  if (typeof origin === "function") return origin;
  if (origin === "*") return () => "*";
  const list = typeof origin === "string" ? [origin] : origin;
  return (requestOrigin) => list.includes(requestOrigin) ? requestOrigin : null;
}

function preflight<State>(req: Request, options: CORSOptions<State>): Response {
  const headers = new Headers();
  const methods = options.allowMethods ?? DEFAULT_METHODS;
  if (methods.length > 0) {
    headers.set("access-control-allow-methods", methods.join(","));
  }
  const requested = req.headers.get("access-control-request-headers");
  const allowHeaders = options.allowHeaders ?? requested?.split(/\s*,\s*/) ??
    [];
  if (allowHeaders.length > 0) {
    headers.set("access-control-allow-headers", allowHeaders.join(","));
    headers.append("vary", "Access-Control-Request-Headers");
  }
  if (options.maxAge !== undefined) {
    headers.set("access-control-max-age", String(options.maxAge));
  }
  return new Response(null, { status: 204, headers });
}
