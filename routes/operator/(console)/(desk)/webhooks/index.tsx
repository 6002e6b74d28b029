import { page } from "fresh";
import { WebhooksPage } from "@/components/operator/webhooks/WebhooksPage.tsx";
import { replayNotice } from "@/lib/billing/apply_notice.ts";
import { loadWebhooks } from "@/lib/operator/load_webhooks.ts";
import { define, done, doneIf, field } from "../../../(_shared)/operator_state.ts";

const PATH = "/operator/webhooks";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Webhooks";
    return page(await loadWebhooks(ctx.state.services, ctx.url.searchParams));
  },
  async POST(ctx) {
    const { services: { billing, audit }, visit: { act } } = ctx.state;
    const eventId = field(ctx, "notice");
    const replayed = await replayNotice({ ...billing, audit }, { eventId, act });
    if (replayed.ok && !["applied", "ignored"].includes(replayed.value.state)) {
      return done(PATH, "notice_failed");
    }
    return doneIf(replayed, { path: PATH, flash: "notice_replayed" });
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <WebhooksPage frame={state.visit.frame} model={data} />
));
