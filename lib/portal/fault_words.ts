import { isTooManyAttempts } from "@/lib/auth/attempts.ts";
import type { Refusal } from "@/lib/domain/result.ts";
import type { PortalKey, Say } from "@/lib/i18n/portal/messages.ts";

/** Refusals whose code alone says what is wrong. */
const BY_CODE: Readonly<Record<string, PortalKey>> = {
  invalid_scope: "fault_scopes",
  invalid_address_range: "fault_addresses",
  invalid_expiry: "fault_expiry",
  too_many_keys: "fault_too_many_keys",
  invalid_budget: "fault_amount",
  member_exists: "fault_member_exists",
  invitation_exists: "fault_invitation_exists",
  too_many_members: "fault_too_many_members",
  sign_in_link_invalid: "fault_link_invalid",
  sign_in_link_other_browser: "fault_link_other_browser",
  unknown_invitation: "fault_invitation_gone",
};

/** The others, by the field that they point at. */
const BY_FIELD: Readonly<Record<string, PortalKey>> = {
  name: "fault_name",
  display_name: "fault_name",
  time_zone: "fault_time_zone",
  locale: "fault_locale",
  color: "fault_color",
  logo_url: "fault_url",
  webhook_url: "fault_url",
  amount: "fault_amount",
  emails: "fault_emails",
  email: "fault_email",
};

/**
 * What is wrong with a form, in the words of its reader: the detail of a refusal is English, made
 * for those who call the API.
 */
export function faultWords(refusal: Refusal, say: Say): string {
  if (isTooManyAttempts(refusal)) {
    const minutes = Math.ceil(refusal.retryAfterSeconds / 60);
    return say("fault_rate_limited", { minutes });
  }
  const { code, pointer } = refusal;
  const field = pointer?.split("/").at(-1) ?? "";
  return say(BY_CODE[code] ?? BY_FIELD[field] ?? "fault_other");
}
