import type { InvoiceDoc } from "./documents.ts";
import type { Scene } from "./endpoint.ts";
import { nextReportMs, reportErrors } from "./error_reports.ts";
import { collectPayment, finalizeInvoice, markOverdue } from "./invoice_billing.ts";
import type { Transaction } from "./state.ts";
import { renewSubscription } from "./subscription_billing.ts";
import { DAY_MS, nowOf } from "./time.ts";
import { revealUsage } from "./usage.ts";

/** One commit covers at most so many due matters, to stay inside what a store takes at once. */
const MAX_PER_COMMIT = 20;
const EVENT_LIFE_MS = 30 * DAY_MS;
const REPLY_LIFE_MS = DAY_MS;
const MAX_PRUNED_AT_ONCE = 400;

interface Due {
  readonly atMs: number;
  readonly settle: () => void;
}

/**
 * Does what time has made due: periods end, drafts become final, payments are tried again, errors
 * are reported, usage becomes visible. `true` when there is more to do in another commit.
 */
export function settleDue(scene: Scene): boolean {
  const due = dueMatters(scene).sort((a, b) => a.atMs - b.atMs);
  for (const matter of due.slice(0, MAX_PER_COMMIT)) matter.settle();
  reportErrors(scene);
  prune(scene.tx);
  const hidden = revealUsage(scene.tx);
  return due.length > 0 || hidden;
}

/** The next instant at which `settleDue` has work, under the present state. */
export function nextDueMs(tx: Transaction): number {
  let next = nextReportMs(tx.all("error_windows"));
  const consider = (atMs: number, customer: string) => {
    // A frozen clock moves by request only, and that request settles.
    const nowMs = nowOf(tx, customer);
    const frozen = (tx.get("customers", customer)?.testClock ?? null) !== null;
    if (!frozen) next = Math.min(next, atMs);
    else if (atMs <= nowMs) next = Math.min(next, tx.nowMs);
  };
  for (const subscription of tx.all("subscriptions")) {
    if (subscription.endedAtMs === null) consider(subscription.periodEndMs, subscription.customer);
  }
  for (const invoice of tx.all("invoices")) {
    const atMs = invoiceDueMs(invoice);
    if (atMs !== null) consider(atMs, invoice.customer);
  }
  for (const usage of tx.all("pending_usage")) next = Math.min(next, usage.visibleMs);
  return next;
}

function dueMatters(scene: Scene): Due[] {
  const { tx } = scene;
  const due: Due[] = [];
  for (const subscription of tx.all("subscriptions")) {
    const atMs = subscription.periodEndMs;
    if (subscription.endedAtMs !== null || atMs > nowOf(tx, subscription.customer)) continue;
    due.push({
      atMs,
      // An earlier matter of the same commit may have changed it.
      settle: () =>
        renewSubscription(scene, tx.get("subscriptions", subscription.id) ?? subscription),
    });
  }
  for (const invoice of tx.all("invoices")) {
    const atMs = invoiceDueMs(invoice);
    if (atMs === null || atMs > nowOf(tx, invoice.customer)) continue;
    due.push({ atMs, settle: () => settleInvoice(scene, invoice, atMs) });
  }
  return due;
}

function settleInvoice(scene: Scene, invoice: InvoiceDoc, atMs: number): void {
  const present = scene.tx.get("invoices", invoice.id) ?? invoice;
  if (present.status === "draft") finalizeInvoice(scene, present, atMs);
  else if (present.nextAttemptMs !== null) collectPayment(scene, present, atMs);
  else if (isUnpaidSent(present)) markOverdue(scene, present, atMs);
}

function invoiceDueMs(invoice: InvoiceDoc): number | null {
  if (invoice.status === "draft") return invoice.finalizesAtMs;
  if (invoice.status !== "open") return null;
  return invoice.nextAttemptMs ?? (isUnpaidSent(invoice) ? invoice.dueAtMs : null);
}

/** Sent, and not yet found overdue. */
function isUnpaidSent(invoice: InvoiceDoc): boolean {
  return invoice.collectionMethod === "send_invoice" && invoice.attempts === 0;
}

function prune(tx: Transaction): void {
  let pruned = 0;
  for (const [id, reply] of tx.entries("saved_replies")) {
    if (reply.savedMs > tx.nowMs - REPLY_LIFE_MS || pruned >= MAX_PRUNED_AT_ONCE) break;
    tx.remove("saved_replies", id);
    pruned += 1;
  }
  for (const [id, event] of tx.entries("events")) {
    if (event.createdMs > tx.nowMs - EVENT_LIFE_MS || pruned >= MAX_PRUNED_AT_ONCE) break;
    tx.remove("events", id);
    pruned += 1;
  }
}
