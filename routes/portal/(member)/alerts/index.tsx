import { page } from "fresh";
import { AlertsPage } from "@/components/portal/AlertsPage.tsx";
import { parseAlertSettings } from "@/lib/portal/alert_form.ts";
import { fieldErrors } from "@/lib/portal/form_errors.ts";
import { loadAlerts } from "@/lib/portal/load_alerts.ts";
import { newWebhookSecret } from "@/lib/billing/webhook_signature.ts";
import { auditDraft } from "@/lib/tenancy/act.ts";
import { permit } from "../../(_shared)/permit.ts";
import { define, done } from "../../(_shared)/portal_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Alerts and budget";
    const { tenant, plan } = ctx.state.visit;
    return page(await loadAlerts(ctx.state.services.portal, { tenant, plan, errors: {} }));
  },
  async POST(ctx) {
    ctx.state.title = "Alerts and budget";
    const { tenant, plan, act } = ctx.state.visit;
    permit(ctx, "manage_alerts");
    const { portal } = ctx.state.services;
    const { tenantId } = tenant.value;
    const known = await portal.store.alertSettings(tenantId);
    const parsed = parseAlertSettings(ctx.state.form, {
      tenantId,
      known,
      newSecret: () => newWebhookSecret(portal.ids),
    });
    if (!parsed.ok) {
      const errors = fieldErrors(parsed.error);
      return page(await loadAlerts(portal, { tenant, plan, errors }), { status: 422 });
    }
    await portal.store.putAlertSettings(parsed.value);
    const { emails, webhookUrl } = parsed.value;
    await portal.audit.append(auditDraft(act, {
      chain: tenantId,
      atMs: portal.clock.nowMs(),
      action: "tenant.alerts_changed",
      subject: tenantId,
      before: known === null ? null : { emails: known.emails, webhookUrl: known.webhookUrl },
      after: { emails, webhookUrl },
    }));
    return done("/portal/alerts", "alerts_saved");
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <AlertsPage frame={state.visit.frame} model={data} />
));
