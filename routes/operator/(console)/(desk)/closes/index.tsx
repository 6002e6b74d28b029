import { page } from "fresh";
import { ClosesPage } from "@/components/operator/closes/ClosesPage.tsx";
import { loadCloses } from "@/lib/operator/load_closes.ts";
import { define } from "../../../(_shared)/operator_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Period close";
    return page(await loadCloses(ctx.state.services, ctx.url.searchParams));
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <ClosesPage frame={state.visit.frame} model={data} />
));
