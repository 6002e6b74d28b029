import type { InvoiceDoc, PendingUsageDoc, SubscriptionDoc } from "./documents.ts";
import type { Scene } from "./endpoint.ts";
import { nextReportMs, reportErrors } from "./error_reports.ts";
import { collectPayment, finalizeInvoice, markOverdue } from "./invoice_billing.ts";
import type { OpenTransaction, Transaction } from "./state.ts";
import { renewSubscription } from "./subscription_billing.ts";
import { DAY_MS, nowOf } from "./time.ts";
import { revealUsage } from "./usage.ts";

const EVENT_LIFE_MS = 30 * DAY_MS;
const REPLY_LIFE_MS = DAY_MS;
const MAX_PRUNED_AT_ONCE = 400;

/** Something that time has made due. */
export interface Matter {
  readonly kind: "period_end" | "invoice";
  readonly id: string;
  readonly atMs: number;
}

/** Periods that have ended, drafts to finalize, payments to try and invoices to find overdue. */
export function dueMatters(tx: Transaction): readonly Matter[] {
  const due: Matter[] = [];
  for (const { id, customer, endedAtMs, periodEndMs } of tx.all("subscriptions")) {
    if (endedAtMs !== null || periodEndMs > nowOf(tx, customer)) continue;
    due.push({ kind: "period_end", id, atMs: periodEndMs });
  }
  for (const invoice of tx.all("invoices")) {
    const atMs = invoiceDueMs(invoice);
    if (atMs === null || atMs > nowOf(tx, invoice.customer)) continue;
    due.push({ kind: "invoice", id: invoice.id, atMs });
  }
  return due.sort((a, b) => a.atMs - b.atMs);
}

/** Another matter may have settled it meanwhile: only what is still due at its time is done. */
export function settleMatter(scene: Scene, { kind, id, atMs }: Matter): void {
  if (kind === "period_end") {
    const subscription = scene.tx.get("subscriptions", id);
    const due = subscription?.endedAtMs === null && subscription.periodEndMs === atMs;
    if (due) renewSubscription(scene, subscription);
    return;
  }
  const invoice = scene.tx.get("invoices", id);
  if (invoice === undefined || invoiceDueMs(invoice) !== atMs) return;
  if (invoice.status === "draft") finalizeInvoice(scene, invoice, atMs);
  else if (invoice.nextAttemptMs !== null) collectPayment(scene, invoice, atMs);
  else markOverdue(scene, invoice, atMs);
}

/** Reports errors, shows usage, forgets what is old; `true` when there is more of it. */
export function settleRest(scene: Scene): boolean {
  reportErrors(scene);
  prune(scene.tx);
  return revealUsage(scene.tx);
}

/** The next instant at which something is due, under the present state. */
export function nextDueMs(tx: Transaction): number {
  return Math.min(
    nextReportMs(tx.all("error_windows")),
    earliest(tx, {
      subscriptions: tx.all("subscriptions"),
      invoices: tx.all("invoices"),
      pending: tx.all("pending_usage"),
    }),
  );
}

/** The same for what a transaction has written: no later than the truth, and much cheaper. */
export function nextDueOfWritten(tx: OpenTransaction): number {
  if (tx.touched.has("test_clocks")) return tx.nowMs;
  return Math.min(
    nextReportMs(tx.written("error_windows")),
    earliest(tx, {
      subscriptions: tx.written("subscriptions"),
      invoices: tx.written("invoices"),
      pending: tx.written("pending_usage"),
    }),
  );
}

function earliest(
  tx: Transaction,
  { subscriptions, invoices, pending }: {
    subscriptions: Iterable<SubscriptionDoc>;
    invoices: Iterable<InvoiceDoc>;
    pending: Iterable<PendingUsageDoc>;
  },
): number {
  let next = Infinity;
  const consider = (atMs: number, customer: string) => {
    const frozen = (tx.get("customers", customer)?.testClock ?? null) !== null;
    if (!frozen) next = Math.min(next, atMs);
    // A frozen clock moves by request only: what is not due now waits for that request.
    else if (atMs <= nowOf(tx, customer)) next = Math.min(next, tx.nowMs);
  };
  for (const subscription of subscriptions) {
    if (subscription.endedAtMs === null) consider(subscription.periodEndMs, subscription.customer);
  }
  for (const invoice of invoices) {
    const atMs = invoiceDueMs(invoice);
    if (atMs !== null) consider(atMs, invoice.customer);
  }
  for (const usage of pending) next = Math.min(next, usage.visibleMs);
  return next;
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
