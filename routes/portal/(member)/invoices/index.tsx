import { page } from "fresh";
import { InvoicesPage } from "@/components/portal/InvoicesPage.tsx";
import { loadInvoices } from "@/lib/portal/load_invoices.ts";
import { define } from "../../(_shared)/portal_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = ctx.state.say("nav_invoices");
    return page(await loadInvoices(ctx.state.services.portal, ctx.state.visit.terms));
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <InvoicesPage frame={state.visit.frame} model={data} />
));
