import type { Context } from "fresh";
import { hashSecret } from "@/lib/auth/secret.ts";
import { answerAgain, keepAnswer } from "@/lib/http/kept_answer.ts";
import { isBadFlash, parseFlash } from "@/lib/portal/flashes.ts";
import { done, flashCodeOf, type PortalState } from "./portal_state.ts";

/**
 * Acts on a form once, however often the same page sends it: a second click gets the first one's
 * answer. Forms without an id of their page are acted on as they come.
 */
export async function submitOnce(ctx: Context<PortalState>): Promise<Response> {
  const { form, visit, services: { portal } } = ctx.state;
  if (!form.has("form_id")) return await ctx.next();
  const { tenantId } = visit.tenant.value;
  const parts = [visit.session.sessionId, ctx.url.pathname, form.toString()];
  const id = { tenantId, hash: hashSecret(JSON.stringify(parts)) };
  const kept = await portal.submissions.submit(id, async () => {
    const response = await ctx.next();
    return { answer: await keepAnswer(response), wasDone: wasDone(response) };
  });
  if (kept !== null) return answerAgain(kept);
  const { pathname } = ctx.url;
  return done(sectionOf(pathname), MAKES_KEY.test(pathname) ? "key_sent_before" : "sent_before");
}

/** Their answers are the only ones that ever show the secret, and went to whoever sent them first. */
const MAKES_KEY = /^\/portal\/keys(\/[^/]+\/rotate)?$/;

/** A refused draft and a bad word about the action both say that nothing was done. */
function wasDone(response: Response): boolean {
  const flash = parseFlash(flashCodeOf(response));
  return response.status < 400 && (flash === null || !isBadFlash(flash));
}

/** `/portal/keys/key_1/rotate` belongs to `/portal/keys`. */
function sectionOf(path: string): string {
  return path.split("/").slice(0, 3).join("/");
}
