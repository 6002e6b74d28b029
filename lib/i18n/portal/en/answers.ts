/** What an action did, and what is wrong with a form, in English. */
export const answers = {
  flash_key_revoked: "The key is revoked; calls with it are refused from now on.",
  flash_plan_changed: "The plan is changed. It counts from the next call on.",
  flash_budget_saved: "The budget is saved.",
  flash_budget_removed: "The budget is removed.",
  flash_alerts_saved: "The alerts are saved.",
  flash_alert_tested: "A test alert is on its way.",
  flash_alert_test_failed: "The test alert could not be delivered; check addresses and webhook.",
  flash_alert_no_channel: "There is neither an e-mail address nor a webhook to send to.",
  flash_settings_saved: "The settings are saved.",
  flash_member_invited: "The invitation is on its way.",
  flash_mail_failed:
    "The invitation stands, but its mail could not be sent. Revoke it and try again.",
  flash_member_changed: "The role is changed.",
  flash_member_removed: "The member is removed and signed out everywhere.",
  flash_invitation_revoked: "The invitation no longer works.",
  flash_session_ended: "The session is ended.",
  flash_conflict: "Somebody else changed this in between. Nothing was overwritten; look again.",
  flash_units_outstanding:
    "Usage is still on its way to the payment provider. Look at your plan and try again in a minute.",
  flash_key_sent_before:
    "This was sent twice. The key was made, and the first answer alone showed its secret: if you lack it, rotate or revoke the newest key.",
  flash_sent_before: "This was sent and done before. Nothing was done a second time.",
  flash_not_confirmed: "Nothing was done: the confirmation did not match.",
  flash_last_owner: "A tenant needs at least one owner.",
  flash_refused: "That was refused. Nothing was changed.",
  flash_billing_unavailable: "The payment provider does not answer right now. Try again later.",
  fault_name: "A name has 1 to 200 characters",
  fault_scopes: "Choose at least one scope",
  fault_addresses:
    "Each line is one address or CIDR range such as 203.0.113.0/24, at most 50 of them",
  fault_expiry: "A key expires later than now and within ten years",
  fault_too_many_keys: "A tenant has at most 50 active keys; revoke one first",
  fault_time_zone: "Choose a time zone such as Europe/Paris",
  fault_locale: "Choose one of the languages",
  fault_color: "The colour must be written as #rrggbb",
  fault_url: "A public https address without a user name, or nothing",
  fault_amount: "A number such as 12.50, above zero; empty for no budget",
  fault_emails: "At most 5 e-mail addresses, separated by commas",
  fault_email: "This is not an e-mail address such as ada@example.com",
  fault_member_exists: "This person is a member already",
  fault_invitation_exists:
    "This address is invited already; revoke that invitation to send another",
  fault_too_many_members: "There is no room for more members and open invitations",
  fault_link_invalid: "This link was used already or is too old; ask for a new one",
  fault_link_other_browser:
    "Open the link in the browser where you asked for it, or ask for a new one here",
  fault_invitation_gone: "This invitation was used, revoked or is too old; ask for a new one",
  fault_rate_limited: "Too many attempts; try again in {minutes} min",
  fault_other: "This was refused; check it and try again",
  flash_too_often: "That was done often just now. Try again in a quarter of an hour.",
  flash_sessions_ended: "Your other sessions are ended.",
} as const;

export type AnswersMessages = Readonly<Record<keyof typeof answers, string>>;
