import { type Context, HttpError } from "fresh";
import { checkCsrf, isSameOrigin } from "@/lib/auth/csrf.ts";
import { newSecret } from "@/lib/auth/secret.ts";
import type { Sessions } from "@/lib/auth/session.ts";
import { type CookieName, readCookie, setCookie } from "@/lib/http/cookies.ts";
import { ownOriginFor, type OwnSite } from "@/lib/http/own_origin.ts";
import type { State } from "@/lib/http/state.ts";
import type { Ids } from "@/lib/ports/ids.ts";

const EVENT_STREAM = "text/event-stream";
const BROWSER_SECONDS = 365 * 86_400;

/** Members and operators sign in apart: each by a cookie and with sessions of their own. */
interface Door {
  readonly cookie: CookieName;
  readonly secure: boolean;
  readonly sessions: Pick<Sessions, "resolve">;
  readonly ids: Ids;
}

/**
 * Finds out who is here before any handler. A new browser gets its secret with a page; a stream that
 * comes in late must not change the one that the forms of a page are made out to.
 */
export async function withVisitor<Visited extends State<unknown> & { browserSecret: string }>(
  ctx: Context<Visited>,
  { cookie, secure, sessions, ids }: Door,
  answer: () => Promise<Response>,
): Promise<Response> {
  const secret = readCookie(ctx.req, cookie, { secure });
  const known = readCookie(ctx.req, "bid", { secure });
  const browserSecret = known ?? newSecret(ids);
  // A stream that a page reopens by itself must not keep its session from falling idle.
  const isVisit = ctx.req.headers.get("accept") !== EVENT_STREAM;
  ctx.state.session = secret === null ? null : await sessions.resolve(secret, { isVisit });
  ctx.state.browserSecret = browserSecret;
  ctx.state.formSecret = ctx.state.session === null ? browserSecret : secret ?? browserSecret;
  const response = await answer();
  if (known === null && isVisit) {
    response.headers.append(
      "set-cookie",
      setCookie({ name: "bid", value: browserSecret, maxAgeSeconds: BROWSER_SECONDS }, { secure }),
    );
  }
  return response;
}

/**
 * Did our own page send this form, in this session? `false` for our page, but of another session or
 * none: it may be offered again. A form of another site is answered with 403.
 */
export function isOwnForm<Visited extends State<unknown>>(
  { req, url, state }: Context<Visited>,
  form: URLSearchParams,
  site: OwnSite,
): boolean {
  const request = {
    method: req.method,
    origin: req.headers.get("origin"),
    secFetchSite: req.headers.get("sec-fetch-site"),
    token: form.get("csrf_token"),
  };
  const ownOrigin = ownOriginFor(url, site);
  if (checkCsrf(request, { cookieSecret: state.formSecret ?? null, ownOrigin }).ok) return true;
  if (!isSameOrigin(request, ownOrigin)) throw new HttpError(403);
  return false;
}
