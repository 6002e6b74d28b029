import type { Context } from "fresh";
import { ResumePage, type ResumeReason } from "@/components/portal/ResumePage.tsx";
import { themeOf } from "../../(_shared)/page_state.ts";
import { publicViewer } from "../../(_shared)/public_viewer.ts";
import type { OperatorState } from "./operator_state.ts";

/** Never kept on a page: what was typed into these is typed again. */
const SECRET_FIELDS: readonly string[] = ["csrf_token", "token"];
/** What the form carries for us alone. */
const UNSEEN_FIELDS: readonly string[] = ["form_id", "version", "versionstamp"];

/** Our own form, but not to be acted on now: the draft is kept, and one click sends it again. */
export function offerAgain(
  ctx: Context<OperatorState>,
  reason: ResumeReason = ctx.state.session ? "signed_in" : "signed_out",
): Promise<Response> {
  const { form } = ctx.state;
  const fields = [...form].filter(([name]) => !SECRET_FIELDS.includes(name));
  ctx.state.title = "Send again";
  return ctx.render(
    <ResumePage
      viewer={publicViewer(ctx)}
      theme={themeOf(ctx.req)}
      action={ctx.url.pathname}
      fields={fields}
      shown={fields.filter(([name]) => !UNSEEN_FIELDS.includes(name))}
      reason={reason}
      signInHref={`/operator/sign-in${reason === "step_up" ? "?reason=step_up" : ""}`}
    />,
    { status: reason === "step_up" ? 403 : 409 },
  );
}
