import { page } from "fresh";
import { OutboxPage } from "@/components/operator/outbox/OutboxPage.tsx";
import { loadOutbox } from "@/lib/operator/load_outbox.ts";
import { define } from "../../../(_shared)/operator_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Outbox";
    return page(await loadOutbox(ctx.state.services, ctx.url.searchParams));
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <OutboxPage frame={state.visit.frame} model={data} />
));
