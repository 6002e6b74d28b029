import { type Context, HttpError } from "fresh";
import { checkCsrf, isSameOrigin } from "@/lib/auth/csrf.ts";
import { newSecret } from "@/lib/auth/secret.ts";
import { accept, type Result } from "@/lib/domain/result.ts";
import { type FormParts, readForm, readMultipart } from "@/lib/http/body.ts";
import { readCookie, setCookie } from "@/lib/http/cookies.ts";
import { ownOriginFor } from "@/lib/http/own_origin.ts";
import { offerAgain } from "../(_shared)/offer_again.tsx";
import { define, type OperatorState } from "../(_shared)/operator_state.ts";

/** Lists are pasted into a form; everything else is far smaller. */
const FORM_BYTES_MAX = 8 * 1_048_576;
/** A list of 16 MiB, as the operator API takes it, and the fields around it. */
const UPLOAD_BYTES_MAX = 17 * 1_048_576;
const UPLOAD_TIMEOUT_MS = 120_000;
const BROWSER_SECONDS = 365 * 86_400;
const EVENT_STREAM = "text/event-stream";

/** Who is here, and is what they send from our own page? Both answers stand before any handler. */
export default define.middleware(async (ctx) => {
  const { sessions, ids, env } = ctx.state.services;
  const options = { secure: env.secureCookies };
  const secret = readCookie(ctx.req, "op", options);
  const known = readCookie(ctx.req, "bid", options);
  const browserSecret = known ?? newSecret(ids);
  const isVisit = ctx.req.headers.get("accept") !== EVENT_STREAM;
  ctx.state.session = secret === null ? null : await sessions.resolve(secret, { isVisit });
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

async function checked(ctx: Context<OperatorState>): Promise<Response> {
  ctx.state.form = new URLSearchParams();
  ctx.state.files = new Map();
  if (ctx.req.method === "GET" || ctx.req.method === "HEAD") return await ctx.next();
  const form = await readParts(ctx);
  if (!form.ok) throw new HttpError(form.error.code === "body_too_large" ? 413 : 400);
  ctx.state.form = form.value.fields;
  ctx.state.files = form.value.files;
  const request = {
    method: ctx.req.method,
    origin: ctx.req.headers.get("origin"),
    secFetchSite: ctx.req.headers.get("sec-fetch-site"),
    token: form.value.fields.get("csrf_token"),
  };
  const { baseUrl, mode } = ctx.state.services.env;
  const ownOrigin = ownOriginFor(ctx.url, { baseUrl, isSandbox: mode === "sandbox" });
  const own = checkCsrf(request, { cookieSecret: ctx.state.formSecret ?? null, ownOrigin });
  if (own.ok) return await ctx.next();
  if (!isSameOrigin(request, ownOrigin)) throw new HttpError(403);
  return await offerAgain(ctx);
}

async function readParts({ req, state }: Context<OperatorState>): Promise<Result<FormParts>> {
  if (req.headers.get("content-type")?.startsWith("multipart/form-data") === true) {
    // Nobody but an operator has files to send.
    const maxBytes = state.session ? UPLOAD_BYTES_MAX : FORM_BYTES_MAX;
    return await readMultipart(req, { maxBytes, timeoutMs: UPLOAD_TIMEOUT_MS });
  }
  const form = await readForm(req, { maxBytes: FORM_BYTES_MAX });
  return form.ok ? accept({ fields: form.value, files: new Map<string, File>() }) : form;
}
