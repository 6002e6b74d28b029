import type { InvoiceDoc, InvoiceItemDoc, InvoiceLineDoc } from "./documents.ts";
import type { Reply } from "./endpoint.ts";
import { linesOf } from "./invoice_lines.ts";
import { nestedList } from "./list.ts";
import { existingPrice } from "./prices.ts";
import type { Transaction } from "./state.ts";
import { seconds, secondsOrNull } from "./time.ts";

/** What a final invoice asks for: lines less credit. */
export function amountDue(invoice: InvoiceDoc): number {
  return sumOf(invoice.lines) - invoice.creditsApplied;
}

export function sumOf(lines: readonly InvoiceLineDoc[]): number {
  return lines.reduce((sum, line) => sum + line.amount, 0);
}

export function renderInvoice(
  tx: Transaction,
  invoice: InvoiceDoc,
  hostedUrl: string | null = null,
): Reply {
  const lines = linesOf(tx, invoice);
  const subtotal = sumOf(lines);
  const total = subtotal - invoice.creditsApplied;
  const due = Math.max(0, total);
  const customer = tx.get("customers", invoice.customer);
  const final = invoice.status !== "draft";
  return {
    id: invoice.id,
    object: "invoice",
    amount_due: due,
    amount_overpaid: 0,
    amount_paid: invoice.amountPaid,
    amount_remaining: Math.max(0, due - invoice.amountPaid),
    amount_shipping: 0,
    attempt_count: invoice.attempts,
    attempted: invoice.attempts > 0,
    auto_advance: invoice.autoAdvance,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: secondsOrNull(invoice.finalizesAtMs),
    billing_reason: invoice.billingReason,
    collection_method: invoice.collectionMethod,
    created: invoice.created,
    currency: invoice.currency,
    customer: invoice.customer,
    customer_email: customer?.email ?? null,
    customer_name: customer?.name ?? null,
    default_payment_method: null,
    description: null,
    discounts: [],
    due_date: secondsOrNull(invoice.dueAtMs),
    effective_at: secondsOrNull(invoice.finalizedAtMs),
    ending_balance: final ? 0 : null,
    hosted_invoice_url: final ? hostedUrl : null,
    invoice_pdf: null,
    last_finalization_error: null,
    lines: nestedList(
      lines,
      `/v1/invoices/${invoice.id}/lines`,
      (line) => renderLine(tx, invoice, line),
    ),
    livemode: false,
    metadata: invoice.metadata,
    next_payment_attempt: secondsOrNull(invoice.nextAttemptMs),
    number: invoice.number,
    parent: invoice.subscription === null ? null : {
      quote_details: null,
      subscription_details: {
        metadata: tx.get("subscriptions", invoice.subscription)?.metadata ?? {},
        subscription: invoice.subscription,
      },
      type: "subscription_details",
    },
    period_end: seconds(invoice.periodEndMs),
    period_start: seconds(invoice.periodStartMs),
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    starting_balance: 0,
    status: invoice.status,
    status_transitions: {
      finalized_at: secondsOrNull(invoice.finalizedAtMs),
      marked_uncollectible_at: null,
      paid_at: secondsOrNull(invoice.paidAtMs),
      voided_at: secondsOrNull(invoice.voidedAtMs),
    },
    subtotal,
    subtotal_excluding_tax: subtotal,
    test_clock: customer?.testClock ?? null,
    total,
    total_discount_amounts: [],
    total_excluding_tax: total,
    total_pretax_credit_amounts: invoice.creditsApplied === 0
      ? []
      : [{ amount: invoice.creditsApplied, type: "credit_balance_transaction" }],
    total_taxes: [],
    webhooks_delivered_at: null,
  };
}

export function renderLine(tx: Transaction, invoice: InvoiceDoc, line: InvoiceLineDoc): Reply {
  const subscription = invoice.subscription;
  const item = line.subscriptionItem;
  return {
    id: line.id,
    object: "line_item",
    amount: line.amount,
    currency: invoice.currency,
    description: line.description,
    discount_amounts: [],
    discountable: true,
    discounts: [],
    invoice: invoice.id,
    livemode: false,
    metadata: item === null || subscription === null
      ? line.metadata
      : tx.get("subscriptions", subscription)?.metadata ?? {},
    parent: item === null
      ? {
        invoice_item_details: {
          invoice_item: line.invoiceItem,
          proration: line.proration,
          proration_details: null,
          subscription,
        },
        subscription_item_details: null,
        type: "invoice_item_details",
      }
      : {
        invoice_item_details: null,
        subscription_item_details: {
          invoice_item: null,
          proration: line.proration,
          proration_details: null,
          subscription,
          subscription_item: item,
        },
        type: "subscription_item_details",
      },
    period: { end: seconds(line.periodEndMs), start: seconds(line.periodStartMs) },
    pretax_credit_amounts: [],
    pricing: line.price === null ? null : {
      price_details: { price: line.price, product: existingPrice(tx, line.price).product },
      type: "price_details",
      unit_amount_decimal: existingPrice(tx, line.price).unitAmountDecimal,
    },
    quantity: line.quantity,
    quantity_decimal: line.quantity === null ? null : String(line.quantity),
    subscription,
    subtotal: line.amount,
    taxes: [],
  };
}

export function renderItem(item: InvoiceItemDoc): Reply {
  return {
    id: item.id,
    object: "invoiceitem",
    amount: item.amount,
    currency: item.currency,
    customer: item.customer,
    date: item.created,
    description: item.description,
    discountable: true,
    discounts: [],
    invoice: item.invoice,
    livemode: false,
    metadata: item.metadata,
    net_amount: item.amount,
    parent: null,
    period: { end: seconds(item.periodEndMs), start: seconds(item.periodStartMs) },
    pricing: null,
    proration: item.proration,
    quantity: item.quantity,
    quantity_decimal: String(item.quantity),
    tax_rates: [],
    test_clock: null,
  };
}
