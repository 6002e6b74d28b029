import { HttpError } from "fresh";
import { define, done } from "../../../(_shared)/portal_state.ts";

/** Ends one of the member's own sessions, or all others; somebody else's is as unknown as none. */
export const handler = define.handlers({
  async POST(ctx) {
    const { form, visit: { session }, services: { portal: { sessions } } } = ctx.state;
    if (form.get("which") === "others") {
      await sessions.endOthers(session.owner, session);
      return done("/portal/members", "sessions_ended");
    }
    const ended = await sessions.endOne(session.owner, String(form.get("session_id")));
    if (!ended.ok) throw new HttpError(404);
    return done("/portal/members", "session_ended");
  },
});
