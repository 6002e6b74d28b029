import { eventStream } from "@/lib/http/sse.ts";
import { followRun } from "@/lib/operator/load_reconcile.ts";
import { whileAlive } from "@/lib/http/while_alive.ts";
import { define } from "../../../(_shared)/operator_state.ts";

/** Server-sent events: how far the comparison is. */
export const handler = define.handlers({
  GET(ctx) {
    const { services, visit: { session } } = ctx.state;
    const events = followRun(services, services.portal.scheduler);
    return eventStream(whileAlive(events, () => services.sessions.isOpen(session)));
  },
});
