import { HttpError } from "fresh";
import { checkCsrf } from "@/lib/auth/csrf.ts";
import { readForm } from "@/lib/http/body.ts";
import { clearCookie, readCookie } from "@/lib/http/cookies.ts";
import { ownOriginFor } from "@/lib/http/own_origin.ts";
import { seeOther } from "@/lib/http/redirect.ts";
import { define, done } from "../(_shared)/operator_state.ts";

const FORM_BYTES_MAX = 8 * 1024;

/** The banner's button. It stands on the portal's pages, so the member's cookie vouches for it. */
export const handler = define.handlers({
  async POST(ctx) {
    const { sessions, operatorSignIn, env } = ctx.state.services;
    const options = { secure: env.secureCookies };
    const secret = readCookie(ctx.req, "sid", options);
    const form = await readForm(ctx.req, { maxBytes: FORM_BYTES_MAX });
    if (!form.ok) throw new HttpError(400);
    const own = checkCsrf({
      method: ctx.req.method,
      origin: ctx.req.headers.get("origin"),
      secFetchSite: ctx.req.headers.get("sec-fetch-site"),
      token: form.value.get("csrf_token"),
    }, {
      cookieSecret: secret,
      ownOrigin: ownOriginFor(ctx.url, { baseUrl: env.baseUrl, isSandbox: env.mode === "sandbox" }),
    });
    const session = secret === null ? null : await sessions.resolve(secret);
    if (!own.ok) throw new HttpError(403);
    if (session === null || session.owner.kind !== "member") return seeOther("/operator");
    const { ip, requestId } = ctx.state;
    const userAgent = ctx.req.headers.get("user-agent");
    const ended = await operatorSignIn.endImpersonation(session, { ip, userAgent, requestId });
    if (!ended.ok) throw new HttpError(403);
    const { tenantId } = session.owner;
    const path = `/operator/tenants/${encodeURIComponent(tenantId)}/members`;
    const response = done(path, "impersonation_ended");
    response.headers.append("set-cookie", clearCookie("sid", options));
    return response;
  },
});
