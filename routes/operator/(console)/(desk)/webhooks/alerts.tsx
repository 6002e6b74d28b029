import { page } from "fresh";
import { AlertsSentPage } from "@/components/operator/webhooks/AlertsSentPage.tsx";
import { resendAlert } from "@/lib/billing/alerts.ts";
import { loadAlertsSent } from "@/lib/operator/load_webhooks.ts";
import { define, done, doneIf, field } from "../../../(_shared)/operator_state.ts";

const PATH = "/operator/webhooks/alerts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Alerts to tenants";
    return page(await loadAlertsSent(ctx.state.services, ctx.url.searchParams));
  },
  async POST(ctx) {
    const { services: { billing, audit, portal: { notifier } }, visit: { act } } = ctx.state;
    const alert = { tenantId: field(ctx, "tenant"), alertId: field(ctx, "alert"), act };
    const resent = await resendAlert({ ...billing, audit, notifier }, alert);
    if (resent.ok && resent.value.delivery.state !== "delivered") {
      return done(PATH, "alert_undelivered");
    }
    return doneIf(resent, { path: PATH, flash: "alert_resent" });
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <AlertsSentPage frame={state.visit.frame} model={data} />
));
