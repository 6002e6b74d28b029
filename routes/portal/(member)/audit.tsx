import { page } from "fresh";
import { AuditPage } from "@/components/portal/AuditPage.tsx";
import { loadAudit } from "@/lib/portal/load_audit.ts";
import { define } from "../(_shared)/portal_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = ctx.state.say("nav_audit");
    const { tenantId, locale } = ctx.state.visit.tenant.value;
    const query = ctx.url.searchParams;
    return page(await loadAudit(ctx.state.services.portal, { tenantId, query, locale }));
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <AuditPage frame={state.visit.frame} model={data} />
));
