import type { Context } from "fresh";
import { ResumePage, type ResumeReason } from "@/components/portal/ResumePage.tsx";
import { themeOf } from "../../(_shared)/page_state.ts";
import { publicViewer } from "../../(_shared)/public_viewer.ts";
import type { PortalState } from "./portal_state.ts";

/** What the form carries for us alone. */
const UNSEEN = new Set(["csrf_token", "form_id", "version"]);

/** Our own form, but not to be acted on now: the draft is kept, and one click sends it again. */
export function offerAgain(
  ctx: Context<PortalState>,
  reason: ResumeReason = ctx.state.session ? "signed_in" : "signed_out",
): Promise<Response> {
  const { form } = ctx.state;
  ctx.state.title = ctx.state.say("send_again");
  const fields = [...form].filter(([name]) => name !== "csrf_token");
  return ctx.render(
    <ResumePage
      viewer={publicViewer(ctx)}
      theme={themeOf(ctx.req)}
      action={ctx.url.pathname}
      fields={fields}
      shown={fields.filter(([name]) => !UNSEEN.has(name))}
      reason={reason}
      signInHref={`/portal/sign-in${reason === "step_up" ? "?reason=step_up" : ""}`}
    />,
    { status: reason === "step_up" ? 403 : 409 },
  );
}
