import { page } from "fresh";
import { type SettingsModel, SettingsPage } from "@/components/operator/SettingsPage.tsx";
import { checkConnection } from "@/lib/billing/check_connection.ts";
import { settingsOf } from "@/lib/operator/load_settings.ts";
import { define } from "../../../(_shared)/operator_state.ts";

export const handler = define.handlers({
  GET(ctx) {
    ctx.state.title = "Settings";
    return page<SettingsModel>({ groups: settingsOf(ctx.state.services), report: null });
  },
  /** Asks Stripe; nothing changes, so the answer is this very page. */
  async POST(ctx) {
    ctx.state.title = "Settings";
    const { services } = ctx.state;
    const { env, webhooks: { secrets }, billing } = services;
    const report = await checkConnection({
      ...billing,
      secrets,
      baseUrl: env.baseUrl,
      usesMeters: env.stripe.meterMode !== "usage_records",
    });
    return page<SettingsModel>({ groups: settingsOf(services), report });
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <SettingsPage frame={state.visit.frame} model={data} />
));
