import { eventStream } from "@/lib/http/sse.ts";
import { whileAlive } from "@/lib/http/while_alive.ts";
import { define } from "../../(_shared)/operator_state.ts";

/** Server-sent events for the pipeline on Home; resumed where the browser's last event was. */
export const handler = define.handlers({
  GET(ctx) {
    const { services: { pipelineFeed, sessions }, visit: { session } } = ctx.state;
    const events = pipelineFeed.follow(ctx.req.headers.get("last-event-id"));
    return eventStream(whileAlive(events, () => sessions.isOpen(session)));
  },
});
