import { cacheOf, type Context } from "../context.ts";
import { ASSET_CACHE_BUST_KEY } from "../runtime/asset.ts";
import { plainPathname } from "../routing/request_url.ts";
import { buildId } from "../runtime/build_id.ts";
import type { StaticFile } from "../build_cache.ts";
import type { Middleware } from "../types.ts";

const IMMUTABLE = "public, max-age=31536000, immutable";
const REVALIDATE = "no-cache, no-store, max-age=0, must-revalidate";

/**
 * Serves the files of the static folder and the built client code. Files addressed with the build
 * id may be cached for ever, the rest is revalidated by ETag.
 */
export function staticFiles<T>(): Middleware<T> {
  return async function serveStaticFile(ctx) {
    const cache = cacheOf(ctx);
    if (cache === null) return await ctx.next();
    const pathname = lookupPath(ctx);
    const file = pathname === null ? null : cache.readFile(pathname);
    if (file === null) {
      return pathname === "/favicon.ico" && ctx.route === null
        ? new Response(null, { status: 404 })
        : await ctx.next();
    }
    const { method } = ctx.req;
    if (method !== "GET" && method !== "HEAD") {
      return new Response("Method Not Allowed", { status: 405 });
    }
    const key = ctx.url.searchParams.get(ASSET_CACHE_BUST_KEY);
    if (key !== null && key !== buildId()) return withoutStaleKey(ctx.url);
    return await respond(ctx.req, file, {
      immutable: file.immutable || key !== null,
      development: ctx.config.mode === "development",
    });
  };
}

// deno-lint-ignore no-explicit-any
function lookupPath(ctx: Context<any>): string | null {
  const pathname = plainPathname(ctx.req.url) ?? ctx.url.pathname;
  const { basePath } = ctx.config;
  if (!pathname.startsWith(basePath)) return null;
  try {
    return decodeURIComponent(pathname.slice(basePath.length));
  } catch {
    return null;
  }
}

function withoutStaleKey(url: URL): Response {
  const clean = new URL(url);
  clean.searchParams.delete(ASSET_CACHE_BUST_KEY);
  const location = clean.pathname + clean.search;
  return new Response(null, { status: 307, headers: { location } });
}

async function respond(
  req: Request,
  file: StaticFile,
  { immutable, development }: { immutable: boolean; development: boolean },
): Promise<Response> {
  const headers = new Headers({ "content-type": file.contentType, vary: "If-None-Match" });
  headers.set("cache-control", immutable && !development ? IMMUTABLE : REVALIDATE);
  if (!development) {
    headers.set("etag", `W/"${file.hash}"`);
    if (matchesEtag(req.headers.get("if-none-match"), file.hash)) {
      return new Response(null, { status: 304, headers });
    }
  }
  headers.set("content-length", String(file.size));
  return new Response(req.method === "HEAD" ? null : await file.open(), { headers });
}

function matchesEtag(ifNoneMatch: string | null, hash: string): boolean {
  if (ifNoneMatch === null) return false;
  return ifNoneMatch.split(",").some((tag) => {
    const value = tag.trim().replace(/^W\//, "").replaceAll('"', "");
    return value === hash || value === "*";
  });
}
