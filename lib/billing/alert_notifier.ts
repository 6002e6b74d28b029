import { callGuarded } from "@/lib/auth/ssrf.ts";
import { formatMinor } from "@/lib/domain/money.ts";
import { periodAt } from "@/lib/domain/period.ts";
import { languageOf, translate } from "@/lib/i18n/messages.ts";
import { meterName } from "@/lib/i18n/meter_name.ts";
import type { Mail, Mailer } from "@/lib/ports/mailer.ts";
import type { Delivery, Notifier } from "@/lib/ports/notifier.ts";
import type { NameResolver, Outbound } from "@/lib/ports/outbound.ts";
import type { Alert, AlertSettings } from "@/lib/ports/watch_store.ts";
import type { BillingDeps } from "./deps.ts";
import { signWebhook } from "./webhook_signature.ts";

export type NotifierDeps = Pick<BillingDeps, "clock" | "tenants" | "plans"> & {
  readonly mailer: Mailer;
  readonly outbound: Outbound;
  readonly resolver: NameResolver;
};

const WEBHOOK = "webhook";
const TIMEOUT_MS = 10_000;
const MAX_REPLY_BYTES = 64 * 1024;

/** Alerts by signed webhook and by mail in the tenant's language. */
export function createAlertNotifier(deps: NotifierDeps): Notifier {
  return {
    async notify(alert, settings): Promise<Delivery> {
      const channels = new Set(alert.delivery.channels);
      const failures: string[] = [];
      const attempt = async (channel: string, send: () => Promise<string | null>) => {
        if (channels.has(channel)) return;
        const failure = await send().catch((cause) => String(cause));
        if (failure === null) channels.add(channel);
        else failures.push(`${channel}: ${failure}`);
      };
      if (settings.webhookUrl !== null) {
        await attempt(WEBHOOK, () => postAlert(deps, alert, settings));
      }
      for (const to of settings.emails) {
        await attempt(to, async () => await sendMail(deps, { to, ...await mailOf(deps, alert) }));
      }
      return {
        channels: [...channels],
        failure: failures.length === 0 ? null : failures.join("; "),
      };
    },
  };
}

/** The webhook's JSON; whole numbers are text, since they may pass what JSON numbers hold. */
export function alertBody(alert: Alert): string {
  return JSON.stringify({
    type: alert.subject.kind === "quota" ? "usage.quota_reached" : "usage.budget_reached",
    alert_id: alert.alertId,
    tenant_id: alert.tenantId,
    period: alert.periodId,
    meter: alert.subject.kind === "quota" ? alert.subject.meter : null,
    percent: alert.percent,
    used: alert.used.toString(),
    limit: alert.limit.toString(),
    created_at: new Date(alert.createdAtMs).toISOString(),
  });
}

async function postAlert(
  deps: NotifierDeps,
  alert: Alert,
  { webhookUrl, webhookSecret }: AlertSettings,
): Promise<string | null> {
  if (webhookUrl === null || webhookSecret === null) return "No URL or no secret";
  const body = alertBody(alert);
  const message = { id: alert.alertId, atMs: deps.clock.nowMs(), body };
  const signed = await signWebhook(message, webhookSecret);
  const answer = await callGuarded({
    url: webhookUrl,
    method: "POST",
    headers: { ...signed, "content-type": "application/json" },
    body,
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_REPLY_BYTES,
  }, deps);
  if (!answer.ok) return `${answer.code}: ${answer.detail}`;
  const taken = answer.status >= 200 && answer.status < 300;
  return taken ? null : `The receiver answered ${answer.status}`;
}

async function sendMail({ mailer }: NotifierDeps, mail: Mail): Promise<string | null> {
  const outcome = await mailer.send(mail);
  return outcome.kind === "sent" ? null : outcome.detail;
}

async function mailOf(deps: NotifierDeps, alert: Alert): Promise<Pick<Mail, "subject" | "text">> {
  const tenant = (await deps.tenants.tenant(alert.tenantId))?.value;
  const plan = tenant && (await deps.plans.plan(tenant.planRevision))?.value;
  if (tenant === undefined || plan === undefined) throw new Error("The tenant or plan is gone");
  const { locale } = tenant;
  const language = languageOf(locale);
  const { subject, percent } = alert;
  const period = periodAt(alert.createdAtMs, plan.interval);
  const days = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" });
  const number = new Intl.NumberFormat(locale);
  const show = (value: bigint) =>
    subject.kind === "quota" ? number.format(value) : formatMinor(value, plan.currency, locale);
  const params = {
    tenant: tenant.branding.displayName,
    meter: subject.kind === "quota" ? meterName(language, subject.meter) : "",
    percent,
    used: show(alert.used),
    limit: show(alert.limit),
    from: days.format(period.startMs),
    to: days.format(period.endMs - 1),
  };
  return {
    subject: translate(language, `alert_${subject.kind}_subject`, params),
    text: `${translate(language, `alert_${subject.kind}_body`, params)}\n`,
  };
}
