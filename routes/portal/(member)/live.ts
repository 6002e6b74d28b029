import { eventStream } from "@/lib/http/sse.ts";
import { liveUsage } from "@/lib/portal/live_usage.ts";
import { define } from "../(_shared)/portal_state.ts";

/** Server-sent events for the overview's live figures. */
export const handler = define.handlers({
  GET(ctx) {
    const { portal } = ctx.state.services;
    const { tenantId } = ctx.state.visit.tenant.value;
    return eventStream(liveUsage(portal, { tenantId, windowMs: portal.windowMs }));
  },
});
