import { page } from "fresh";
import { PlansPage } from "@/components/operator/PlansPage.tsx";
import { loadPlans } from "@/lib/operator/load_plans.ts";
import { define } from "../../../(_shared)/operator_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Plans";
    return page(await loadPlans(ctx.state.services));
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <PlansPage frame={state.visit.frame} model={data} />
));
