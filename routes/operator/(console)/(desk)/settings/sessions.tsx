import { HttpError, page } from "fresh";
import { SessionsPage } from "@/components/operator/SessionsPage.tsx";
import { endOperatorSession, endOtherSessions } from "@/lib/auth/operator_sessions.ts";
import { loadSessions } from "@/lib/operator/load_sessions.ts";
import { define, done, doneIf, field } from "../../../(_shared)/operator_state.ts";
import { askForProof } from "../../../(_shared)/step_up.ts";

const PATH = "/operator/settings/sessions";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Sessions";
    return page(await loadSessions(ctx.state.services, ctx.state.visit.session));
  },
  async POST(ctx) {
    const { services, visit: { session, act } } = ctx.state;
    const actor = { session, act };
    switch (field(ctx, "act")) {
      case "others":
        await endOtherSessions(services, actor);
        return done(PATH, "sessions_ended");
      case "end": {
        const ended = await endOperatorSession(services, {
          sessionId: field(ctx, "session"),
          actor,
        });
        if (!ended.ok && ended.error.code === "step_up_required") {
          return await askForProof(ctx) ?? done(PATH, "refused");
        }
        return doneIf(ended, { path: PATH, flash: "session_ended" });
      }
      default:
        throw new HttpError(400);
    }
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <SessionsPage frame={state.visit.frame} model={data} />
));
