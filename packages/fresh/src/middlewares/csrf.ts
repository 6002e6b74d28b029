import type { Context } from "../context.ts";
import { HttpError } from "../error.ts";
import type { Middleware } from "../types.ts";

export interface CsrfOptions<State = unknown> {
  /** Origins that may send unsafe requests; the site's own by default. */
  origin?:
    | string
    | string[]
    | ((origin: string, ctx: Context<State>) => boolean);
}

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses unsafe requests of other sites with 403. It trusts `Sec-Fetch-Site` and `Origin`; a
 * request with neither did not come from a browser's page and passes.
 */
export function csrf<State>(options?: CsrfOptions<State>): Middleware<State> {
  const allows = originRule(options?.origin);
  return async function refuseOtherSites(ctx) {
    if (SAFE_METHODS.has(ctx.req.method)) return await ctx.next();
    const site = ctx.req.headers.get("sec-fetch-site");
    const origin = ctx.req.headers.get("origin");
    if (site === "same-origin" || site === "none") return await ctx.next();
    if (site === null && origin === null) return await ctx.next();
    if (origin !== null && allows(origin, ctx)) return await ctx.next();
    throw new HttpError(403);
  };
}

function originRule<State>(
  rule: CsrfOptions<State>["origin"],
): (origin: string, ctx: Context<State>) => boolean {
  if (typeof rule === "function") return rule;
  if (typeof rule === "string") return (origin) => origin === rule;
  if (rule !== undefined) return (origin) => rule.includes(origin);
  return (origin, ctx) => origin === ctx.url.origin;
}
