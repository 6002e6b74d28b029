import type { Context } from "fresh";
import { ResumePage } from "@/components/portal/ResumePage.tsx";
import { themeOf } from "../../(_shared)/page_state.ts";
import { publicViewer } from "../../(_shared)/public_viewer.ts";
import type { PortalState } from "./portal_state.ts";

/** Our own form, but of another session or none: the draft is kept, and one click sends it again. */
export function offerAgain(ctx: Context<PortalState>): Promise<Response> {
  const { session = null, form } = ctx.state;
  ctx.state.title = "Send again";
  return ctx.render(
    <ResumePage
      viewer={publicViewer(ctx)}
      theme={themeOf(ctx.req)}
      action={ctx.url.pathname}
      fields={[...form].filter(([name]) => name !== "csrf_token")}
      signedIn={session !== null}
    />,
    { status: 409 },
  );
}
