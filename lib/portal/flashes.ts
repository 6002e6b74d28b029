import type { Flash } from "@/components/ui/Toast.tsx";

/** Words for what an action did. The cookie carries the code alone, so no text can be planted. */
const FLASHES = {
  key_revoked: good("The key is revoked; calls with it are refused from now on."),
  plan_changed: good("The plan is changed. It counts from the next call on."),
  budget_saved: good("The budget is saved."),
  budget_removed: good("The budget is removed."),
  alerts_saved: good("The alerts are saved."),
  alert_tested: good("A test alert is on its way."),
  alert_test_failed: bad("The test alert could not be delivered; check addresses and webhook."),
  too_often: bad("That was done often just now. Try again in a quarter of an hour."),
  alert_no_channel: bad("There is neither an e-mail address nor a webhook to send to."),
  settings_saved: good("The settings are saved."),
  member_invited: good("The invitation is on its way."),
  mail_failed: bad(
    "The invitation stands, but its mail could not be sent. Revoke it and try again.",
  ),
  member_changed: good("The role is changed."),
  member_removed: good("The member is removed and signed out everywhere."),
  invitation_revoked: good("The invitation no longer works."),
  session_ended: good("The session is ended."),
  sessions_ended: good("Your other sessions are ended."),
  conflict: bad("Somebody else changed this in between. Nothing was overwritten; look again."),
  units_outstanding: bad(
    "Usage is still on its way to the payment provider. Look at your plan and try again in a minute.",
  ),
  sent_before: good("This was sent and done before. Nothing was done a second time."),
  not_confirmed: bad("Nothing was done: the confirmation did not match."),
  not_allowed: bad("Your role does not allow this."),
  last_owner: bad("A tenant needs at least one owner."),
  refused: bad("That was refused. Nothing was changed."),
  billing_unavailable: bad("The payment provider does not answer right now. Try again later."),
} as const satisfies Readonly<Record<string, Flash>>;

export type FlashCode = keyof typeof FLASHES;

export function flashOf(code: string | null): Flash | null {
  return code !== null && isFlashCode(code) ? FLASHES[code] : null;
}

function isFlashCode(code: string): code is FlashCode {
  return Object.hasOwn(FLASHES, code);
}

function good(text: string): Flash {
  return { tone: "good", text };
}

function bad(text: string): Flash {
  return { tone: "bad", text };
}
