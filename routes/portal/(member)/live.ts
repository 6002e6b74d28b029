import { eventStream } from "@/lib/http/sse.ts";
import { whileAlive } from "@/lib/http/while_alive.ts";
import { define } from "../(_shared)/portal_state.ts";

/** Server-sent events for the overview's live figures; resumed where the browser's last event was. */
export const handler = define.handlers({
  GET(ctx) {
    const { live, sessions, logger } = ctx.state.services.portal;
    const { tenant, session } = ctx.state.visit;
    const { tenantId } = tenant.value;
    const events = live.follow({ tenantId, lastId: ctx.req.headers.get("last-event-id") });
    return eventStream(whileAlive(events, () => sessions.isOpen(session)), {
      onFailure: (error) => logger.warn("live_stream_failed", { tenantId, error: String(error) }),
    });
  },
});
