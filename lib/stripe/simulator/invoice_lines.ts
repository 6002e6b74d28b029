import type {
  InvoiceDoc,
  InvoiceItemDoc,
  InvoiceLineDoc,
  PriceDoc,
  SubscriptionDoc,
  SubscriptionItemDoc,
  UsageClaimDoc,
} from "./documents.ts";
import { licensedAmount, priceLines, proratedAmount } from "./line_pricing.ts";
import { existingPrice } from "./prices.ts";
import type { Transaction } from "./state.ts";
import { billedUsageIn } from "./usage.ts";
import { recordedUnits } from "./usage_records.ts";

/** A draft's lines as they are now; a final invoice's as they were. */
export function linesOf(tx: Transaction, invoice: InvoiceDoc): readonly InvoiceLineDoc[] {
  if (invoice.status !== "draft") return invoice.lines;
  const usage = invoice.usage.flatMap((claim) => usageLines(tx, invoice, claim));
  const items = [...tx.all("invoice_items")]
    .filter((item) => item.invoice === invoice.id)
    .map(itemLine);
  return [...usage, ...invoice.lines, ...items];
}

/** What the metered items of a subscription used in `[fromMs, toMs)`. */
export function usageClaims(
  tx: Transaction,
  subscription: SubscriptionDoc,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): UsageClaimDoc[] {
  return subscription.items
    .filter((item) => existingPrice(tx, item.price).usageType === "metered")
    .map((item) => ({
      item: item.id,
      price: item.price,
      fromMs: Math.max(fromMs, item.startMs),
      toMs,
    }))
    .filter((claim) => claim.toMs > claim.fromMs);
}

function usageLines(
  tx: Transaction,
  invoice: Pick<InvoiceDoc, "customer">,
  claim: UsageClaimDoc,
): InvoiceLineDoc[] {
  const price = existingPrice(tx, claim.price);
  return priceLines(price, unitsOf(tx, invoice.customer, claim), labelOf(tx, price))
    .map((line, at) => ({
      ...line,
      id: `il_${claim.item.slice(3)}${at}`,
      periodStartMs: claim.fromMs,
      periodEndMs: claim.toMs,
      proration: false,
      price: price.id,
      subscriptionItem: claim.item,
      invoiceItem: null,
      metadata: price.metadata,
    }));
}

function unitsOf(tx: Transaction, customer: string, claim: UsageClaimDoc): bigint {
  const { meter } = existingPrice(tx, claim.price);
  if (meter === null) return recordedUnits(tx, claim);
  const { fromMs, toMs } = claim;
  const usage = billedUsageIn(tx, { customer, meter, fromMs, toMs });
  const counts = tx.get("meters", meter)?.formula === "count";
  return counts ? BigInt(usage.count) : usage.sum;
}

/** Licensed items for `[fromMs, toMs)`, prorated when that is less than `wholeMs`. */
export function licensedLines(
  tx: Transaction,
  subscription: SubscriptionDoc,
  { fromMs, toMs, wholeMs }: { fromMs: number; toMs: number; wholeMs: number },
): InvoiceLineDoc[] {
  return subscription.items.flatMap((item, at) => {
    const price = existingPrice(tx, item.price);
    if (price.usageType !== "licensed") return [];
    const quantity = item.quantity ?? 1;
    const partMs = toMs - fromMs;
    const amount = partMs === wholeMs
      ? licensedAmount(price, quantity)
      : proratedAmount(price, { quantity, partMs, wholeMs });
    return [{
      id: `il_${item.id.slice(3)}L${at}`,
      amount,
      description: `${quantity} × ${labelOf(tx, price)}`,
      quantity,
      periodStartMs: fromMs,
      periodEndMs: toMs,
      proration: partMs !== wholeMs,
      price: price.id,
      subscriptionItem: item.id,
      invoiceItem: null,
      metadata: price.metadata,
    }];
  });
}

/**
 * What removing (or adding) an item in the middle of a period is worth: usage so far at the old
 * price for metered items of flexible billing, unused (or remaining) time for licensed ones.
 */
export function prorationItems(
  tx: Transaction,
  subscription: SubscriptionDoc,
  { item, sign, atMs, wholeMs }: {
    item: SubscriptionItemDoc;
    sign: 1 | -1;
    atMs: number;
    wholeMs: number;
  },
): Omit<InvoiceItemDoc, "id" | "created">[] {
  const price = existingPrice(tx, item.price);
  const base = {
    customer: subscription.customer,
    invoice: null,
    subscription: subscription.id,
    currency: subscription.currency,
    price: price.id,
    proration: true,
    metadata: price.metadata,
  };
  if (price.usageType === "metered") {
    if (sign > 0 || subscription.billingMode === "classic") return [];
    const fromMs = Math.max(item.startMs, subscription.periodStartMs);
    const claim = { item: item.id, price: price.id, fromMs, toMs: atMs };
    return usageLines(tx, subscription, claim).filter((line) => line.quantity !== 0 || line.amount)
      .map((line) => ({
        ...base,
        amount: line.amount,
        description: line.description,
        quantity: line.quantity ?? 0,
        periodStartMs: fromMs,
        periodEndMs: atMs,
      }));
  }
  const quantity = item.quantity ?? 1;
  const partMs = subscription.periodEndMs - atMs;
  const amount = sign * proratedAmount(price, { quantity, partMs, wholeMs });
  const verb = sign < 0 ? "Unused time on" : "Remaining time on";
  return [{
    ...base,
    amount,
    description: `${verb} ${quantity} × ${labelOf(tx, price)}`,
    quantity,
    periodStartMs: atMs,
    periodEndMs: subscription.periodEndMs,
  }];
}

export function itemLine(item: InvoiceItemDoc): InvoiceLineDoc {
  return {
    id: `il_${item.id.slice(3)}`,
    amount: item.amount,
    description: item.description,
    quantity: item.quantity,
    periodStartMs: item.periodStartMs,
    periodEndMs: item.periodEndMs,
    proration: item.proration,
    price: item.price,
    subscriptionItem: null,
    invoiceItem: item.id,
    metadata: item.metadata,
  };
}

function labelOf(tx: Transaction, price: PriceDoc): string {
  return price.nickname ?? tx.get("products", price.product)?.name ?? price.product;
}
