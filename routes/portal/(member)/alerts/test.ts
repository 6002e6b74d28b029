import { TEST_ALERT } from "@/lib/auth/attempts.ts";
import { periodAt } from "@/lib/domain/period.ts";
import { permit } from "../../(_shared)/permit.ts";
import { define, done } from "../../(_shared)/portal_state.ts";

/** Sends one alert through the tenant's real channels; it is a test and changes no state. */
export const handler = define.handlers({
  async POST(ctx) {
    permit(ctx, "manage_alerts");
    const { portal } = ctx.state.services;
    const { tenant, plan } = ctx.state.visit.terms;
    const { tenantId } = tenant;
    const settings = (await portal.store.alertSettings(tenantId))?.value ?? null;
    if (settings === null || (settings.emails.length === 0 && settings.webhookUrl === null)) {
      return done("/portal/alerts", "alert_no_channel");
    }
    const allowed = await portal.attempts.allow(TEST_ALERT, tenantId);
    if (!allowed.ok) return done("/portal/alerts", "too_often");
    const nowMs = portal.clock.nowMs();
    const outcome = await portal.notifier.notify({
      alertId: portal.ids.next("alr_test"),
      tenantId,
      periodId: periodAt(nowMs, plan.interval).periodId,
      subject: { kind: "budget" },
      percent: 50,
      used: 0n,
      limit: 0n,
      createdAtMs: nowMs,
      delivery: { state: "waiting", attempts: 0, detail: null, channels: [], triedAtMs: null },
    }, settings);
    return done(
      "/portal/alerts",
      outcome.failure === null ? "alert_tested" : "alert_test_failed",
    );
  },
});
