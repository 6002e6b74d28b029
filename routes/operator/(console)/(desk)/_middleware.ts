import { csrfToken } from "@/lib/auth/csrf.ts";
import { seeOther } from "@/lib/http/redirect.ts";
import { flashOf } from "@/lib/operator/flashes.ts";
import { operatorVisit } from "@/lib/operator/visit.ts";
import { NotActing } from "@/lib/ports/acting.ts";
import { cookieOf, themeOf } from "../../../(_shared)/page_state.ts";
import { offerAgain } from "../../(_shared)/offer_again.tsx";
import { define, done, FLASH_COOKIE } from "../../(_shared)/operator_state.ts";
import { submitOnce } from "../../(_shared)/submit_once.ts";

/** Operators only. The word about the last action is shown once and taken back. */
export default define.middleware(async (ctx) => {
  const { session = null, formSecret = "", services, ip, requestId } = ctx.state;
  const flash = flashOf(cookieOf(ctx.req, FLASH_COOKIE));
  const visit = operatorVisit(session, {
    theme: themeOf(ctx.req),
    flash,
    mode: services.env.mode,
    csrfToken: csrfToken(formSecret),
    formId: services.ids.next("form"),
    nowMs: services.clock.nowMs(),
    ip,
    requestId,
  });
  if (visit === null) {
    if (ctx.req.method === "POST") return await offerAgain(ctx);
    const next = `${ctx.url.pathname}${ctx.url.search}`;
    return seeOther(`/operator/sign-in?${new URLSearchParams({ reason: "expired", next })}`);
  }
  ctx.state.visit = visit;
  ctx.state.lang = "en";
  const response = ctx.req.method === "POST"
    ? await submitOnce(ctx).catch((error) => {
      if (error instanceof NotActing) return done(ctx.url.pathname, "preview_instance");
      throw error;
    })
    : await ctx.next();
  if (flash !== null) {
    const spent = `${FLASH_COOKIE}=; Path=/operator; Max-Age=0; HttpOnly`;
    response.headers.append("set-cookie", spent);
  }
  return response;
});
