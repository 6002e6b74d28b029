import { csrfToken } from "@/lib/auth/csrf.ts";
import { seeOther } from "@/lib/http/redirect.ts";
import { languageOf } from "@/lib/i18n/messages.ts";
import { sayIn } from "@/lib/i18n/portal/messages.ts";
import { parseFlash } from "@/lib/portal/flashes.ts";
import { loadVisit } from "@/lib/portal/visit.ts";
import { cookieOf, themeOf } from "../../(_shared)/page_state.ts";
import { offerAgain } from "../(_shared)/offer_again.tsx";
import { define, FLASH_COOKIE, flashCodeOf } from "../(_shared)/portal_state.ts";
import { submitOnce } from "../(_shared)/submit_once.ts";

/** Members only. The word about the last action is shown once and taken back. */
export default define.middleware(async (ctx) => {
  const { session = null, formSecret = "", services, ip, requestId } = ctx.state;
  const flash = parseFlash(cookieOf(ctx.req, FLASH_COOKIE));
  const visit = await loadVisit(services.portal, session, {
    theme: themeOf(ctx.req),
    flash,
    csrfToken: csrfToken(formSecret),
    formId: services.portal.ids.next("form"),
    nowMs: services.portal.clock.nowMs(),
    ip,
    requestId,
  });
  if (visit === null) {
    if (ctx.req.method === "POST") return await offerAgain(ctx);
    const next = `${ctx.url.pathname}${ctx.url.search}`;
    return seeOther(`/portal/sign-in?${new URLSearchParams({ reason: "expired", next })}`);
  }
  ctx.state.visit = visit;
  const { locale } = visit.tenant.value;
  ctx.state.lang = languageOf(locale);
  ctx.state.say = sayIn(locale);
  const response = ctx.req.method === "POST" ? await submitOnce(ctx) : await ctx.next();
  // A word that this answer brings is for the next page.
  if (flash !== null && flashCodeOf(response) === null) {
    response.headers.append("set-cookie", `${FLASH_COOKIE}=; Path=/portal; Max-Age=0; HttpOnly`);
  }
  return response;
});
