import type { Context } from "fresh";
import { hashSecret } from "@/lib/auth/secret.ts";
import { answerAgain, keepAnswer } from "@/lib/http/kept_answer.ts";
import { ownPath } from "@/lib/http/redirect.ts";
import { flashOf } from "@/lib/operator/flashes.ts";
import { OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import { done, flashCodeOf, type OperatorState } from "./operator_state.ts";

/**
 * Acts on a form once, however often the same page sends it: a second click gets the first one's
 * answer. Forms without an id of their page are acted on as they come.
 */
export async function submitOnce(ctx: Context<OperatorState>): Promise<Response> {
  const { form, visit, services: { portal } } = ctx.state;
  if (!form.has("form_id")) return await ctx.next();
  const parts = [
    visit.session.sessionId,
    ctx.url.pathname,
    form.toString(),
    ...await fileMarks(ctx.state.files),
  ];
  const id = { tenantId: OPERATOR_CHAIN, hash: hashSecret(JSON.stringify(parts)) };
  const kept = await portal.submissions.submit(id, async () => {
    const response = await ctx.next();
    return { answer: await keepAnswer(response), wasDone: wasDone(ctx, response) };
  });
  if (kept !== null) return answerAgain(kept);
  return makesKey(ctx)
    ? done(ctx.url.pathname, "key_sent_before")
    : done(pageOf(ctx), "sent_before");
}

/** Its answer is the only one that ever shows the secret, and went to whoever sent the form first. */
function makesKey({ url, state }: Context<OperatorState>): boolean {
  return /^\/operator\/tenants\/[^/]+\/keys$/.test(url.pathname) &&
    state.form.get("act") !== "revoke";
}

/** Another file under the same fields is another form. */
async function fileMarks(files: ReadonlyMap<string, File>): Promise<readonly string[]> {
  return await Promise.all([...files].map(async ([name, file]) => {
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    return `${name} ${new Uint8Array(digest).toHex()}`;
  }));
}

/** The page that the form stands on, as far as the browser tells; else the section's first. */
function pageOf({ req, url }: Context<OperatorState>): string {
  const section = url.pathname.split("/").slice(0, 3).join("/");
  const referer = URL.parse(req.headers.get("referer") ?? "");
  return ownPath(referer === null ? null : referer.pathname + referer.search, section);
}

/** Drafts with a fault, a bad word about the action and a step-up all say that nothing was done. */
function wasDone({ state }: Context<OperatorState>, response: Response): boolean {
  return response.status < 400 && state.isDraft !== true &&
    flashOf(flashCodeOf(response))?.tone !== "bad";
}
