import { page } from "fresh";
import { AuditPage } from "@/components/operator/AuditPage.tsx";
import { loadAudit } from "@/lib/operator/load_audit.ts";
import { define } from "../../(_shared)/operator_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Audit";
    return page(await loadAudit(ctx.state.services, ctx.url.searchParams));
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <AuditPage frame={state.visit.frame} model={data} />
));
