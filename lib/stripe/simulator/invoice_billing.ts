import { spendCredit } from "./credit_grants.ts";
import type { InvoiceDoc, SubscriptionDoc } from "./documents.ts";
import type { Scene } from "./endpoint.ts";
import { emitSnapshot } from "./events.ts";
import { linesOf } from "./invoice_lines.ts";
import { amountDue, renderInvoice } from "./invoice_view.ts";
import { emitSubscription } from "./subscription_view.ts";
import { invalid } from "./refusal.ts";
import { DAY_MS, HOUR_MS, seconds } from "./time.ts";

/** How long a draft stays open for late usage. */
const DRAFT_LIFE_MS = HOUR_MS;

/** Days between attempts to collect a payment; after the last the subscription is unpaid. */
const RETRY_DAYS = [3, 5, 7] as const;

export type NewInvoice =
  & Pick<InvoiceDoc, "customer" | "subscription" | "currency" | "billingReason">
  & Pick<InvoiceDoc, "collectionMethod" | "daysUntilDue" | "periodStartMs" | "periodEndMs">
  & Partial<Pick<InvoiceDoc, "usage" | "lines" | "autoAdvance" | "metadata">>;

/** Makes a draft at `atMs`, taking in the customer's pending invoice items. */
export function draftInvoice(scene: Scene, spec: NewInvoice, atMs: number): InvoiceDoc {
  const { tx } = scene;
  const autoAdvance = spec.autoAdvance ?? true;
  const invoice: InvoiceDoc = {
    id: tx.nextId("in"),
    created: seconds(atMs),
    status: "draft",
    number: null,
    autoAdvance,
    finalizesAtMs: autoAdvance ? atMs + DRAFT_LIFE_MS : null,
    usage: spec.usage ?? [],
    lines: spec.lines ?? [],
    creditsApplied: 0,
    amountPaid: 0,
    attempts: 0,
    nextAttemptMs: null,
    finalizedAtMs: null,
    paidAtMs: null,
    voidedAtMs: null,
    dueAtMs: null,
    metadata: spec.metadata ?? {},
    customer: spec.customer,
    subscription: spec.subscription,
    currency: spec.currency,
    billingReason: spec.billingReason,
    collectionMethod: spec.collectionMethod,
    daysUntilDue: spec.daysUntilDue,
    periodStartMs: spec.periodStartMs,
    periodEndMs: spec.periodEndMs,
  };
  tx.put("invoices", invoice.id, invoice);
  claimPendingItems(scene, invoice);
  if (spec.subscription !== null) {
    const subscription = tx.get("subscriptions", spec.subscription);
    if (subscription !== undefined) {
      tx.put("subscriptions", subscription.id, { ...subscription, latestInvoice: invoice.id });
    }
  }
  emitSnapshot(scene, "invoice.created", renderInvoice(tx, invoice), atMs);
  return invoice;
}

function claimPendingItems({ tx }: Scene, invoice: InvoiceDoc): void {
  for (const item of tx.all("invoice_items")) {
    if (item.customer !== invoice.customer || item.invoice !== null) continue;
    if (item.currency !== invoice.currency) continue;
    if (item.subscription !== null && item.subscription !== invoice.subscription) continue;
    tx.put("invoice_items", item.id, { ...item, invoice: invoice.id });
  }
}

/** Freezes the lines, numbers the invoice, spends credit and tries to collect. */
export function finalizeInvoice(scene: Scene, invoice: InvoiceDoc, atMs: number): InvoiceDoc {
  const { tx } = scene;
  if (invoice.status !== "draft") {
    throw invalid(`Invoice ${invoice.id} is already finalized.`, "invoice", "invoice_not_editable");
  }
  const lines = linesOf(tx, invoice);
  const customer = tx.get("customers", invoice.customer);
  const count = (customer?.invoiceCount ?? 0) + 1;
  if (customer !== undefined) {
    tx.put("customers", customer.id, { ...customer, invoiceCount: count });
  }
  const final: InvoiceDoc = {
    ...invoice,
    status: "open",
    lines,
    number: `${invoice.customer.slice(-8)}-${String(count).padStart(4, "0")}`,
    creditsApplied: spendCredit(scene, invoice, lines, atMs),
    finalizesAtMs: null,
    finalizedAtMs: atMs,
    dueAtMs: invoice.collectionMethod === "send_invoice"
      ? atMs + (invoice.daysUntilDue ?? 0) * DAY_MS
      : null,
    nextAttemptMs: invoice.collectionMethod === "charge_automatically" ? atMs : null,
  };
  tx.put("invoices", final.id, final);
  emitSnapshot(scene, "invoice.finalized", renderInvoice(tx, final), atMs);
  if (amountDue(final) <= 0) return markPaid(scene, final, atMs);
  return final.collectionMethod === "charge_automatically"
    ? collectPayment(scene, final, atMs)
    : final;
}

/** One attempt on the customer's payment method. */
export function collectPayment(scene: Scene, invoice: InvoiceDoc, atMs: number): InvoiceDoc {
  const { tx } = scene;
  if (tx.get("customers", invoice.customer)?.card === "pays") return markPaid(scene, invoice, atMs);
  const attempts = invoice.attempts + 1;
  const waitDays = RETRY_DAYS[attempts - 1];
  const failed: InvoiceDoc = {
    ...invoice,
    attempts,
    nextAttemptMs: waitDays === undefined ? null : atMs + waitDays * DAY_MS,
  };
  tx.put("invoices", failed.id, failed);
  emitSnapshot(scene, "invoice.payment_failed", renderInvoice(tx, failed), atMs);
  setStanding(scene, invoice, waitDays === undefined ? "unpaid" : "past_due", atMs);
  return failed;
}

function markPaid(scene: Scene, invoice: InvoiceDoc, atMs: number): InvoiceDoc {
  const { tx } = scene;
  const paid: InvoiceDoc = {
    ...invoice,
    status: "paid",
    amountPaid: Math.max(0, amountDue(invoice)),
    attempts: invoice.attempts + 1,
    nextAttemptMs: null,
    paidAtMs: atMs,
  };
  tx.put("invoices", paid.id, paid);
  emitSnapshot(scene, "invoice.paid", renderInvoice(tx, paid), atMs);
  setStanding(scene, invoice, "active", atMs);
  return paid;
}

/** The due date of a sent invoice has passed. */
export function markOverdue(scene: Scene, invoice: InvoiceDoc, atMs: number): void {
  const overdue: InvoiceDoc = { ...invoice, dueAtMs: atMs, attempts: invoice.attempts + 1 };
  scene.tx.put("invoices", overdue.id, overdue);
  emitSnapshot(scene, "invoice.overdue", renderInvoice(scene.tx, overdue), atMs);
  setStanding(scene, invoice, "past_due", atMs);
}

/** A subscription's status follows its latest invoice; a paid one heals only its own. */
function setStanding(
  scene: Scene,
  invoice: InvoiceDoc,
  status: "active" | "past_due" | "unpaid",
  atMs: number,
): void {
  const subscription = invoice.subscription === null
    ? undefined
    : scene.tx.get("subscriptions", invoice.subscription);
  if (subscription === undefined || subscription.endedAtMs !== null) return;
  const incomplete = subscription.status === "incomplete" && status !== "active";
  if (subscription.status === status || incomplete) return;
  if (status === "active" && owesMore(scene, subscription, invoice)) return;
  scene.tx.put("subscriptions", subscription.id, { ...subscription, status });
  emitSubscription(scene, "customer.subscription.updated", subscription.id, atMs);
}

function owesMore(scene: Scene, subscription: SubscriptionDoc, paid: InvoiceDoc): boolean {
  return [...scene.tx.all("invoices")].some((invoice) =>
    invoice.subscription === subscription.id && invoice.id !== paid.id &&
    invoice.status === "open" && invoice.attempts > 0
  );
}
