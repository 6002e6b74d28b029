import { page } from "fresh";
import { AlertsPage } from "@/components/portal/AlertsPage.tsx";
import { changeAlerts } from "@/lib/billing/change_alerts.ts";
import { newWebhookSecret } from "@/lib/billing/webhook_signature.ts";
import type { Refusal } from "@/lib/domain/result.ts";
import { parseAlertSettings, readAlerts } from "@/lib/portal/alert_form.ts";
import { faultWords } from "@/lib/portal/fault_words.ts";
import { fieldErrors } from "@/lib/portal/form_errors.ts";
import { loadAlerts } from "@/lib/portal/load_alerts.ts";
import { permit } from "../../(_shared)/permit.ts";
import { define, done } from "../../(_shared)/portal_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = ctx.state.say("nav_alerts");
    const { tenant, plan } = ctx.state.visit;
    return page(await loadAlerts(ctx.state.services.portal, { tenant, plan }));
  },
  /** A draft that was made from an older version is shown beside what stands, never written. */
  async POST(ctx) {
    permit(ctx, "manage_alerts");
    ctx.state.title = ctx.state.say("nav_alerts");
    const { tenant, plan, act } = ctx.state.visit;
    const { portal } = ctx.state.services;
    const { tenantId } = tenant.value;
    const { form } = ctx.state;
    const draft = readAlerts(form);
    const known = await portal.store.alertSettings(tenantId);
    const parsed = parseAlertSettings(draft, {
      tenantId,
      known: known?.value ?? null,
      newSecret: () => newWebhookSecret(portal.ids),
    });
    if (!parsed.ok) {
      const words = (part: Refusal) => faultWords(part, ctx.state.say);
      const alerts = { draft, errors: fieldErrors(parsed.error, words), isConflict: false };
      return page(await loadAlerts(portal, { tenant, plan, alerts }), { status: 422 });
    }
    const version = String(form.get("version") ?? "");
    const changed = await changeAlerts(
      { settings: parsed.value, versionstamp: version === "" ? null : version },
      { deps: portal, act },
    );
    if (changed.ok) return done("/portal/alerts", "alerts_saved");
    const alerts = { draft, errors: {}, isConflict: true };
    return page(await loadAlerts(portal, { tenant, plan, alerts }), { status: 409 });
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <AlertsPage frame={state.visit.frame} model={data} />
));
