import type { Flash } from "@/components/ui/Toast.tsx";

/** Words for what an action did. The cookie carries the code alone, so no text can be planted. */
const FLASHES = {
  tenant_created: good("The tenant exists, with its owner. Make it known to Stripe under Status."),
  plan_changed: good("The plan is changed. It counts from the next call on."),
  limits_saved: good("The limits are saved and hold from the next call on."),
  features_saved: good("The features are saved and hold from the next call on."),
  status_changed: good("The status is changed, on every instance at once."),
  tenant_ended: good("The tenant is closed and its subscription has ended."),
  provisioned: good("Stripe has customer and subscription."),
  key_revoked: good("The key is revoked; calls with it are refused from now on."),
  adjustment_waiting: good("Noted. It waits for a second person."),
  adjustment_refused: good("The adjustment is refused; no money moves."),
  credit_waiting: good("Noted. It waits for a second person."),
  credit_refused: good("The credit is refused; no money moves."),
  credit_granted: good("The credit is granted."),
  adjustment_added: good("The adjustment is on the statement of its period."),
  correction_applied: good("The correction is in the outbox."),
  correction_waiting: good("Noted. It waits for a second person."),
  correction_refused: good("The correction is refused; no unit changes."),
  gap_booked: good("Booked from Stripe’s word; nothing is sent."),
  gap_waiting: good("Noted. It waits for a second person, under Approvals."),
  no_gap: bad("The books lack nothing of that day any more. Nothing was booked."),
  gap_undecided: bad("Units of that day are in the outbox still. Decide them first."),
  draft_saved: good("The draft is saved. Replay it over past usage next."),
  draft_unchanged: bad("These are the terms of the published version; nothing was saved."),
  dry_run_done: good("The draft was replayed over past usage."),
  plan_published: good("The version is published. Tenants stay on theirs until they are moved."),
  plan_archived: good("The version is archived."),
  entry_retried: good("The entry goes out again."),
  entry_written_off: good("The units are written off and stay in the books as such."),
  entry_resolved: good("The doubt is settled as you said."),
  reconciled: good("Ledger and Stripe were compared."),
  reconcile_failed: bad("Some tenants could not be compared; the report says which."),
  period_released: good("The invoice is released, with your reason on record."),
  period_tried: good("The close was tried again."),
  chore_done: good("The run is through."),
  chore_failed: bad("The run failed; its row says how."),
  notice_replayed: good("The object was fetched again; its row says what came of it."),
  notice_failed: bad("It failed again; its row says why. The next run tries it once more."),
  notice_not_found: bad("That notice is not kept any more."),
  alert_resent: good("The alert was sent again."),
  alert_undelivered: bad("Not every channel took it; its row says why. It is tried again."),
  alert_not_found: bad("There is no such alert."),
  list_loaded: good("The list is loaded. Every tenant is screened against it."),
  passkey_added: good("The passkey is added. It signs you in from now on."),
  passkey_removed: good("The passkey is removed; it signs nobody in any more."),
  passkey_invalid: bad("That passkey is not yours, or not there any more."),
  session_ended: good("The session is ended. Its next click leads to the sign-in."),
  sessions_ended: good("Your other sessions are ended."),
  unknown_session: bad("That session has ended already."),
  signed_out: good("You are signed out."),
  impersonation_ended: good("You are yourself again."),
  key_not_active: bad("That key was revoked or had expired already."),
  not_a_draft: bad("It is no draft any more: somebody published or replaced it. Look again."),
  dry_run_required: bad("Not published: replay the draft over past usage first."),
  dry_run_stale: bad("Not published: that dry run is of older terms or too old. Run it again."),
  plan_in_use: bad("Not archived: tenants are on it. Move them off it first."),
  not_published: bad("That version is not published; tenants move to published ones only."),
  tenant_closed: bad("A closed tenant stays as it is."),
  wrong_state: bad("This was decided in between. Nothing was changed; look at it now."),
  already_decided: bad("This was decided in between. Nothing was changed; look at it now."),
  not_held: bad("No draft is held any more. Nothing was changed; look at it now."),
  period_closed: bad("The period is invoiced by now. Propose it for the open period instead."),
  period_closing: bad("The period is being closed right now. Try again in a minute."),
  not_billable: bad("That line can’t be billed, so nothing was changed."),
  books_counted: good("The books were counted again."),
  reconcile_under_way: bad("A comparison is under way already; this is how far it is."),
  conflict: bad("Somebody else changed this in between. Nothing was overwritten; look again."),
  preview_instance: bad(
    "This is a preview: it sends nothing and moves no period. Nothing was done.",
  ),
  not_confirmed: bad("Nothing was done: the confirmation did not match."),
  same_person: bad("A second person has to decide this; you proposed it."),
  units_outstanding: bad(
    "Stripe lacks units yet; the outbox shows them. Repeat it when all are sent.",
  ),
  reason_missing: bad("Nothing was done: say why."),
  key_sent_before: bad(
    "That form was sent twice. The key was made, and the first answer alone showed its secret: " +
      "whoever lacks it revokes the newest key here and makes another.",
  ),
  sent_before: bad("That form was sent before; nothing was done again. Look at what it did."),
  refused: bad("That was refused. Nothing was changed."),
  unavailable: bad("The payment provider does not answer right now. Try again later."),
} as const satisfies Readonly<Record<string, Flash>>;

export type FlashCode = keyof typeof FLASHES;

export function flashOf(code: string | null): Flash | null {
  return code !== null && isFlashCode(code) ? FLASHES[code] : null;
}

/** The word for a refusal, by its own code where there is one. */
export function flashOfRefusal({ code }: { readonly code: string }): FlashCode {
  return isFlashCode(code) ? code : "refused";
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
