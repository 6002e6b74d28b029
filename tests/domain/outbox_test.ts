import { assertEquals, assertThrows } from "@std/assert";
import {
  beginAttempt,
  BLIND_RESEND_MS,
  decideDoubt,
  doubt,
  moveEntry,
  nextStep,
  type OutboxEntry,
  type OutboxState,
  SUMMARY_SETTLE_MS,
  TIMESTAMP_MAX_AGE_MS,
} from "@/lib/domain/outbox.ts";
import { sampleEntry } from "@/tests/support/samples.ts";

const NOW = Date.UTC(2026, 4, 15);

function entry(change: Partial<OutboxEntry> = {}): OutboxEntry {
  return sampleEntry({ timestampMs: NOW, units: 5n, ...change });
}

Deno.test("an entry moves along its graph and no other way", () => {
  const allowed = new Set([
    "ready in_flight",
    "ready held",
    "ready doubtful",
    "in_flight in_flight",
    "in_flight ready",
    "in_flight sent",
    "in_flight held",
    "in_flight doubtful",
    "sent confirmed",
    "sent rejected",
    "confirmed rejected",
    "rejected held",
    "held held",
    "held ready",
    "held doubtful",
    "held written_off",
    "doubtful doubtful",
    "doubtful sent",
    "doubtful ready",
    "doubtful held",
    "doubtful written_off",
  ]);
  const states: OutboxState[] = [
    "ready",
    "in_flight",
    "sent",
    "confirmed",
    "rejected",
    "held",
    "doubtful",
    "written_off",
  ];
  for (const from of states) {
    for (const state of states) {
      const move = () => moveEntry(entry({ state: from }), { state });
      if (allowed.has(`${from} ${state}`)) assertEquals(move().state, state);
      else assertThrows(move);
    }
  }
});

Deno.test("no move changes what was sealed", () => {
  const before = entry();
  const begun = beginAttempt(before, { nowMs: NOW + 1, claim: "try_1" });
  const after = doubt(begun, "why");
  const frozen = (
    { identifier, eventName, stripeCustomerId, units, timestampMs }: OutboxEntry,
  ) => ({
    identifier,
    eventName,
    stripeCustomerId,
    units,
    timestampMs,
  });
  assertEquals(frozen(after), frozen(before));
});

Deno.test("an identifier is never sent again after 23 hours, to the millisecond", () => {
  const begun = beginAttempt(entry(), { nowMs: NOW, claim: "try_1" });
  assertEquals(nextStep(begun, NOW + BLIND_RESEND_MS - 1), "attempt");
  assertEquals(nextStep(begun, NOW + BLIND_RESEND_MS), "doubt");
  const again = beginAttempt(begun, { nowMs: NOW + BLIND_RESEND_MS - 1, claim: "try_2" });
  assertEquals(again.firstAttemptAtMs, NOW, "later attempts don't start the time anew");
});

Deno.test("an attempt under way is left alone until it is taken for lost", () => {
  const begun = beginAttempt(entry(), { nowMs: NOW, claim: "try_1" });
  assertEquals(nextStep(begun, NOW + 59_999), "wait");
  assertEquals(nextStep(begun, NOW + 60_000), "attempt");
});

Deno.test("a doubt is judged only when summaries have settled", () => {
  const begun = beginAttempt(entry(), { nowMs: NOW, claim: "try_1" });
  const doubtful = doubt(begun, "old");
  assertEquals(nextStep(doubtful, NOW + SUMMARY_SETTLE_MS - 1), "wait");
  assertEquals(nextStep(doubtful, NOW + SUMMARY_SETTLE_MS), "decide");
  assertEquals(decideDoubt(doubtful, 5n), "arrived");
  assertEquals(decideDoubt(doubtful, 0n), "absent");
  assertEquals(decideDoubt(doubtful, 4n), "odd");
});

Deno.test("an entry older than Stripe takes is held instead of sent", () => {
  const late = NOW + TIMESTAMP_MAX_AGE_MS;
  assertEquals(nextStep(entry(), late), "attempt");
  assertEquals(nextStep(entry(), late + 1), "expire");
});

Deno.test("what needs a person waits for one, whatever the time", () => {
  for (const state of ["held", "sent", "confirmed", "written_off"] as const) {
    assertEquals(nextStep(entry({ state }), NOW * 2), "wait");
  }
  assertEquals(nextStep(entry({ state: "rejected" }), NOW), "hold");
});

Deno.test("an hour lies between the last blind resend and what Stripe promises to remember", () => {
  const promisedMs = 24 * 3_600_000;
  assertEquals(promisedMs - BLIND_RESEND_MS, 3_600_000);
  assertEquals(35 * 86_400_000 - TIMESTAMP_MAX_AGE_MS, 86_400_000);
});
