import type { Flash } from "@/components/ui/Toast.tsx";
import { sayIn } from "@/lib/i18n/portal/messages.ts";

/** What an action did. The cookie carries the code alone, so no text can be planted. */
const TONES = {
  key_revoked: "good",
  plan_changed: "good",
  budget_saved: "good",
  budget_removed: "good",
  alerts_saved: "good",
  alert_tested: "good",
  alert_test_failed: "bad",
  too_often: "bad",
  alert_no_channel: "bad",
  settings_saved: "good",
  member_invited: "good",
  mail_failed: "bad",
  member_changed: "good",
  member_removed: "good",
  invitation_revoked: "good",
  session_ended: "good",
  sessions_ended: "good",
  conflict: "bad",
  units_outstanding: "bad",
  sent_before: "good",
  key_sent_before: "bad",
  not_confirmed: "bad",
  last_owner: "bad",
  refused: "bad",
  billing_unavailable: "bad",
} as const satisfies Readonly<Record<string, Flash["tone"]>>;

export type FlashCode = keyof typeof TONES;

/** `null` for what is no code of ours. */
export function parseFlash(code: string | null): FlashCode | null {
  return code !== null && isFlashCode(code) ? code : null;
}

/** The words for it, in the language of those who read them. */
export function flashOf(code: FlashCode, locale: string): Flash {
  return { tone: TONES[code], text: sayIn(locale)(`flash_${code}`) };
}

/** Nothing was done. */
export function isBadFlash(code: FlashCode): boolean {
  return TONES[code] === "bad";
}

function isFlashCode(code: string): code is FlashCode {
  return Object.hasOwn(TONES, code);
}
