import { HttpError } from "fresh";
import { define, done } from "../../../(_shared)/portal_state.ts";

/** Ends one of the member's own sessions; somebody else's is as unknown as none. */
export const handler = define.handlers({
  async POST(ctx) {
    const form = ctx.state.form;
    const ended = await ctx.state.services.portal.sessions.endOne(
      ctx.state.visit.session.owner,
      String(form.get("session_id")),
    );
    if (!ended.ok) throw new HttpError(404);
    return done("/portal/members", "session_ended");
  },
});
