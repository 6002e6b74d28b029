import { judgeUrl } from "@/lib/auth/ssrf.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { AlertSettings } from "@/lib/ports/billing_store.ts";
import type { BillingDeps } from "./deps.ts";

const MAX_EMAILS = 10;
const MAX_EMAIL_LENGTH = 254;
const SECRET_BYTES = 32;
/** Prefix of a Standard Webhooks secret; the rest is base64. */
const SECRET_PREFIX = "whsec_";

/**
 * Keeps where a tenant's alerts go. A webhook gets a secret when it is first set and keeps it while
 * the URL stays. Errors: `invalid_email`, `too_many_emails`, `url_refused`.
 */
export async function saveAlertSettings(
  deps: Pick<BillingDeps, "ids" | "store">,
  { tenantId, emails, webhookUrl }: Omit<AlertSettings, "webhookSecret">,
): Promise<Result<AlertSettings>> {
  const addresses = [...new Set(emails.map((email) => email.trim()))].filter((email) =>
    email !== ""
  );
  if (addresses.length > MAX_EMAILS) {
    return refuse({ code: "too_many_emails", detail: `At most ${MAX_EMAILS} addresses` });
  }
  const wrong = addresses.find((email) => !isEmail(email));
  if (wrong !== undefined) {
    const detail = `${JSON.stringify(wrong)} is not an e-mail address`;
    return refuse({ code: "invalid_email", detail, pointer: "/emails" });
  }
  if (webhookUrl !== null) {
    const judged = judgeUrl(webhookUrl);
    if (!judged.ok) return refuse({ ...judged.error, pointer: "/webhook_url" });
  }
  const known = await deps.store.alertSettings(tenantId);
  const keep = known !== null && known.webhookUrl === webhookUrl ? known.webhookSecret : null;
  const webhookSecret = webhookUrl === null ? null : keep ?? newSecret(deps);
  const settings: AlertSettings = { tenantId, emails: addresses, webhookUrl, webhookSecret };
  await deps.store.putAlertSettings(settings);
  return accept(settings);
}

function newSecret({ ids }: Pick<BillingDeps, "ids">): string {
  return SECRET_PREFIX + btoa(String.fromCharCode(...ids.bytes(SECRET_BYTES)));
}

/** Good enough to catch a typing error; the mail server has the last word. */
function isEmail(text: string): boolean {
  return text.length <= MAX_EMAIL_LENGTH && /^[^\s@<>,;:"]+@[^\s@<>,;:"]+\.[^\s@.]+$/.test(text);
}
