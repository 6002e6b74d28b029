import { page } from "fresh";
import { AnomaliesPage } from "@/components/operator/AnomaliesPage.tsx";
import { define } from "../../(_shared)/operator_state.ts";

const SHOWN = 200;

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Anomalies";
    const { billing, tenants } = ctx.state.services;
    const anomalies = await billing.store.anomalies({ limit: SHOWN });
    const names = await tenants.tenantNames(anomalies.map(({ tenantId }) => tenantId));
    return page({ anomalies, names });
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <AnomaliesPage frame={state.visit.frame} model={data} />
));
