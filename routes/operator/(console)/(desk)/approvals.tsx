import { page } from "fresh";
import { ApprovalsPage } from "@/components/operator/ApprovalsPage.tsx";
import { loadApprovals } from "@/lib/operator/load_approvals.ts";
import { define } from "../../(_shared)/operator_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Approvals";
    return page(await loadApprovals(ctx.state.services, ctx.url.searchParams));
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <ApprovalsPage frame={state.visit.frame} model={data} />
));
