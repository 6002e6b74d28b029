import { page } from "fresh";
import { AnomaliesPage } from "@/components/operator/AnomaliesPage.tsx";
import { define } from "../../(_shared)/operator_state.ts";

const SHOWN = 200;

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Anomalies";
    return page(await ctx.state.services.billing.store.anomalies({ limit: SHOWN }));
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <AnomaliesPage frame={state.visit.frame} anomalies={data} />
));
