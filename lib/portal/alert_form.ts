import { judgeUrl } from "@/lib/auth/ssrf.ts";
import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";
import type { AlertSettings } from "@/lib/ports/billing_store.ts";

const EMAILS_MAX = 5;

/**
 * Who hears of thresholds. A new webhook address gets a new secret from `newSecret`; an unchanged one
 * keeps its own. Error: `invalid_alerts` with one entry per field.
 */
export function parseAlertSettings(
  form: URLSearchParams,
  { tenantId, known, newSecret }: {
    readonly tenantId: string;
    readonly known: AlertSettings | null;
    readonly newSecret: () => string;
  },
): Result<AlertSettings> {
  const emails = String(form.get("emails") ?? "").split(/[\s,;]+/).filter((one) => one !== "");
  const webhookUrl = String(form.get("webhook_url") ?? "").trim();
  const errors: Refusal[] = [
    ...(emails.length > EMAILS_MAX || !emails.every(isEmail)
      ? [field("emails", `At most ${EMAILS_MAX} e-mail addresses, separated by commas`)]
      : []),
    ...(webhookUrl !== "" && !judgeUrl(webhookUrl).ok
      ? [field("webhook_url", "A public https address without a user name, or nothing")]
      : []),
  ];
  if (errors.length > 0) {
    return refuse({ code: "invalid_alerts", detail: "Some fields need another look", errors });
  }
  if (webhookUrl === "") {
    return accept({ tenantId, emails, webhookUrl: null, webhookSecret: null });
  }
  const same = known?.webhookUrl === webhookUrl ? known.webhookSecret : null;
  return accept({ tenantId, emails, webhookUrl, webhookSecret: same ?? newSecret() });
}

function isEmail(text: string): boolean {
  return text.length <= 254 && /^[^\s@<>"',;:\\]+@[^\s@<>"',;:\\]+\.[^\s@<>"',;:\\]+$/.test(text);
}

function field(name: string, detail: string): Refusal {
  return { code: "invalid_field", pointer: `/${name}`, detail };
}
