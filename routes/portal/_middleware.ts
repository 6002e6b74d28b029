import { type Context, HttpError } from "fresh";
import { readForm } from "@/lib/http/body.ts";
import { acceptedLanguage } from "@/lib/i18n/accepted_language.ts";
import { sayIn } from "@/lib/i18n/portal/messages.ts";
import { isOwnForm, withVisitor } from "../(_shared)/visitor.ts";
import { offerAgain } from "./(_shared)/offer_again.tsx";
import { define, type PortalState } from "./(_shared)/portal_state.ts";

const FORM_BYTES_MAX = 64 * 1024;

/** Who is here, and is what they send from our own page? Both answers stand before any handler. */
export default define.middleware((ctx) => {
  const language = acceptedLanguage(ctx.req.headers.get("accept-language"));
  ctx.state.lang = language;
  ctx.state.say = sayIn(language);
  const { sessions, ids, secureCookies } = ctx.state.services.portal;
  const door = { cookie: "sid", secure: secureCookies, sessions, ids } as const;
  return withVisitor(ctx, door, () => checked(ctx));
});

async function checked(ctx: Context<PortalState>): Promise<Response> {
  ctx.state.form = new URLSearchParams();
  if (ctx.req.method === "GET" || ctx.req.method === "HEAD") return await ctx.next();
  const form = await readForm(ctx.req, { maxBytes: FORM_BYTES_MAX });
  if (!form.ok) throw new HttpError(form.error.code === "body_too_large" ? 413 : 400);
  ctx.state.form = form.value;
  const { baseUrl, mode } = ctx.state.services.portal;
  return isOwnForm(ctx, form.value, { baseUrl, isSandbox: mode === "simulator" })
    ? await ctx.next()
    : await offerAgain(ctx);
}
