import type { Context } from "fresh";
import { ResumePage } from "@/components/portal/ResumePage.tsx";
import { themeOf } from "../../(_shared)/page_state.ts";
import { publicViewer } from "../../(_shared)/public_viewer.ts";
import type { OperatorState } from "./operator_state.ts";

/** Never kept on a page: what was typed into these is typed again. */
const SECRET_FIELDS: readonly string[] = ["csrf_token", "token"];

/** Our own form, but of another session or none: the draft is kept, and one click sends it again. */
export function offerAgain(ctx: Context<OperatorState>): Promise<Response> {
  const { session = null, form } = ctx.state;
  const fields = [...form].filter(([name]) => !SECRET_FIELDS.includes(name));
  ctx.state.title = "Send again";
  return ctx.render(
    <ResumePage
      viewer={publicViewer(ctx)}
      theme={themeOf(ctx.req)}
      action={ctx.url.pathname}
      fields={fields}
      shown={fields}
      reason={session === null ? "signed_out" : "signed_in"}
      signInHref="/operator/sign-in"
    />,
    { status: 409 },
  );
}
