import type { Middleware } from "../types.ts";

/** Redirects so that every path ends with a slash, or none but the root does. */
export function trailingSlashes<State>(mode: "always" | "never"): Middleware<State> {
  return function keepTrailingSlashes(ctx) {
    const { pathname, search } = ctx.url;
    const hasSlash = pathname.endsWith("/");
    if (pathname === "/" || hasSlash === (mode === "always")) return ctx.next();
    const target = hasSlash ? pathname.slice(0, -1) : `${pathname}/`;
    return ctx.redirect(target + search);
  };
}
