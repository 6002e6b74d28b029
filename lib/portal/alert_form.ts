import { judgeUrl } from "@/lib/auth/ssrf.ts";
import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";
import type { AlertSettings } from "@/lib/ports/watch_store.ts";

const EMAILS_MAX = 5;

/** The form as typed, kept when it is refused. */
export interface AlertDraft {
  readonly emails: string;
  readonly webhookUrl: string;
}

export function readAlerts(form: URLSearchParams): AlertDraft {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  return { emails: text("emails"), webhookUrl: text("webhook_url") };
}

export function alertDraftOf(settings: AlertSettings | null): AlertDraft {
  return {
    emails: settings?.emails.join(", ") ?? "",
    webhookUrl: settings?.webhookUrl ?? "",
  };
}

/**
 * Who hears of thresholds. A new webhook address gets a new secret from `newSecret`; an unchanged one
 * keeps its own. Error: `invalid_alerts` with one entry per field.
 */
export function parseAlertSettings(
  draft: AlertDraft,
  { tenantId, known, newSecret }: {
    readonly tenantId: string;
    readonly known: AlertSettings | null;
    readonly newSecret: () => string;
  },
): Result<AlertSettings> {
  const { webhookUrl } = draft;
  const emails = draft.emails.split(/[\s,;]+/).filter((one) => one !== "");
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
