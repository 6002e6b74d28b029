import { type Context, HttpError } from "fresh";
import { checkCsrf, isSameOrigin } from "@/lib/auth/csrf.ts";
import { newSecret } from "@/lib/auth/secret.ts";
import { readForm } from "@/lib/http/body.ts";
import { readCookie, setCookie } from "@/lib/http/cookies.ts";
import { ownOriginFor } from "@/lib/http/own_origin.ts";
import { offerAgain } from "./(_shared)/offer_again.tsx";
import { define, type PortalState } from "./(_shared)/portal_state.ts";

const FORM_BYTES_MAX = 64 * 1024;
const EVENT_STREAM = "text/event-stream";
const BROWSER_SECONDS = 365 * 86_400;

/** Who is here, and is what they send from our own page? Both answers stand before any handler. */
export default define.middleware(async (ctx) => {
  const { portal } = ctx.state.services;
  const options = { secure: portal.secureCookies };
  const secret = readCookie(ctx.req, "sid", options);
  const known = readCookie(ctx.req, "bid", options);
  const browserSecret = known ?? newSecret(portal.ids);
  // A stream that a page reopens by itself must not keep its session from falling idle.
  const isVisit = ctx.req.headers.get("accept") !== EVENT_STREAM;
  ctx.state.session = secret === null ? null : await portal.sessions.resolve(secret, { isVisit });
  ctx.state.browserSecret = browserSecret;
  ctx.state.formSecret = ctx.state.session === null ? browserSecret : secret ?? browserSecret;
  const response = await checked(ctx);
  if (known === null) {
    response.headers.append(
      "set-cookie",
      setCookie({ name: "bid", value: browserSecret, maxAgeSeconds: BROWSER_SECONDS }, options),
    );
  }
  return response;
});

async function checked(ctx: Context<PortalState>): Promise<Response> {
  ctx.state.form = new URLSearchParams();
  if (ctx.req.method === "GET" || ctx.req.method === "HEAD") return await ctx.next();
  const form = await readForm(ctx.req, { maxBytes: FORM_BYTES_MAX });
  if (!form.ok) throw new HttpError(form.error.code === "body_too_large" ? 413 : 400);
  ctx.state.form = form.value;
  const request = {
    method: ctx.req.method,
    origin: ctx.req.headers.get("origin"),
    secFetchSite: ctx.req.headers.get("sec-fetch-site"),
    token: form.value.get("csrf_token"),
  };
  const { baseUrl, mode } = ctx.state.services.portal;
  const ownOrigin = ownOriginFor(ctx.url, { baseUrl, isSandbox: mode === "simulator" });
  const own = checkCsrf(request, { cookieSecret: ctx.state.formSecret ?? null, ownOrigin });
  if (own.ok) return await ctx.next();
  if (!isSameOrigin(request, ownOrigin)) throw new HttpError(403);
  return await offerAgain(ctx);
}
