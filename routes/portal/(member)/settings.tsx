import { page } from "fresh";
import { SettingsPage } from "@/components/portal/SettingsPage.tsx";
import { faultWords } from "@/lib/portal/fault_words.ts";
import { fieldErrors } from "@/lib/portal/form_errors.ts";
import { settingsModel } from "@/lib/portal/load_settings.ts";
import { readSettings, settingsOf } from "@/lib/portal/settings_form.ts";
import { changeSettings } from "@/lib/tenancy/tenants.ts";
import { permit } from "../(_shared)/permit.ts";
import { define, done } from "../(_shared)/portal_state.ts";

export const handler = define.handlers({
  GET(ctx) {
    ctx.state.title = ctx.state.say("nav_settings");
    const { tenant, plan } = ctx.state.visit;
    return page(settingsModel(tenant, plan, null));
  },
  /** A draft that was made from an older version is shown beside what stands, never written. */
  async POST(ctx) {
    permit(ctx, "manage_settings");
    ctx.state.title = ctx.state.say("nav_settings");
    const { tenant, plan, act } = ctx.state.visit;
    const { portal } = ctx.state.services;
    const form = ctx.state.form;
    const draft = readSettings(form);
    const { tenantId } = tenant.value;
    const changed = await changeSettings(
      { tenantId, versionstamp: String(form.get("version")), settings: settingsOf(draft) },
      { deps: portal, act },
    );
    if (changed.ok) return done("/portal/settings", "settings_saved");
    if (changed.error.code !== "conflict") {
      const errors = fieldErrors(changed.error, (part) => faultWords(part, ctx.state.say));
      return page(settingsModel(tenant, plan, { draft, errors, conflict: null }), { status: 422 });
    }
    const now = await portal.tenants.tenant(tenantId) ?? tenant;
    const { displayName: name, color } = now.value.branding;
    const conflict = { name, color, zone: now.value.timeZone };
    return page(settingsModel(now, plan, { draft, errors: {}, conflict }), { status: 409 });
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <SettingsPage frame={state.visit.frame} model={data} />
));
