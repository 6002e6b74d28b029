import type { Units } from "@/lib/domain/plan.ts";
import type { InvoiceItemSpec, ProviderInvoice } from "@/lib/ports/billing_provider.ts";
import { METER, priceOf } from "../support/metered_tenants.ts";

const HOUR_MS = 3_600_000;
/** As docs/stripe.md asks for: a draft waits for a day unless it is held. */
const GRACE_MS = 24 * HOUR_MS;

/** Minutes that Stripe bills at one plan version's price. */
export interface UsageClaim {
  readonly planRevision: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Usage at one price, counted for good: what a change of prices leaves, or a final invoice has. */
export interface BilledUsage extends UsageClaim {
  readonly units: Units;
}

/** An invoice of a subscription's usage. Its units are what Stripe has when it becomes final. */
interface Invoice {
  readonly invoiceId: string;
  readonly stripeCustomerId: string;
  readonly stripeSubscriptionId: string;
  readonly startMs: number;
  readonly endMs: number;
  /** A plan that ends early is billed with all minutes of its period, those ahead of now as well. */
  readonly claim: UsageClaim;
  /** What changes of prices within the period left. */
  readonly before: readonly BilledUsage[];
  readonly items: { readonly key: string; readonly amountMinor: bigint }[];
  readonly createdAtMs: number;
  /** When it becomes final by itself; `null` once held. */
  finalizesAtMs: number | null;
  /** `null` while a draft. */
  final: readonly BilledUsage[] | null;
  /** Nobody asked for it to be final. */
  byItself: boolean;
  /** The subscription ended with it; nobody closes a period over it. */
  readonly last: boolean;
}

type Subject = Pick<
  Invoice,
  | "stripeCustomerId"
  | "stripeSubscriptionId"
  | "startMs"
  | "endMs"
  | "claim"
  | "before"
>;

/** The invoices of the simulated Stripe: a draft when a period ends, and one when a plan ends. */
export class StripeInvoices {
  readonly invoices: Invoice[] = [];
  readonly ended = new Set<string>();

  constructor(
    /** What Stripe has taken for a customer in [startMs, endMs). */
    readonly unitsOf: (stripeCustomerId: string, startMs: number, endMs: number) => Units,
  ) {}

  draft(
    { nowMs, aliveFromMs, last = false, ...subject }: Subject & {
      readonly nowMs: number;
      /** An outage of Stripe ends; nothing becomes final in it. */
      readonly aliveFromMs: number;
      readonly last?: boolean;
    },
  ): Invoice | null {
    if (this.ended.has(subject.stripeSubscriptionId)) return null;
    const invoice: Invoice = {
      ...subject,
      invoiceId: `in_${this.invoices.length + 1}`,
      items: [],
      createdAtMs: nowMs,
      finalizesAtMs: Math.max(nowMs, aliveFromMs) + GRACE_MS,
      final: null,
      byItself: false,
      last,
    };
    this.invoices.push(invoice);
    return invoice;
  }

  hold(invoiceId: string, nowMs: number): ProviderInvoice {
    const invoice = this.#find(invoiceId, nowMs);
    if (invoice.final === null) invoice.finalizesAtMs = null;
    return this.#view(invoice);
  }

  finalize(invoiceId: string, nowMs: number): ProviderInvoice {
    const invoice = this.#find(invoiceId, nowMs);
    if (invoice.final === null) this.#finalize(invoice);
    return this.#view(invoice);
  }

  /** A line of somebody's own on a draft; at most one per key. */
  addItem({ invoiceId, key, amountMinor }: InvoiceItemSpec, nowMs: number): string {
    const invoice = this.#find(invoiceId ?? "", nowMs);
    if (invoice.final !== null) throw new Error(`${invoiceId} is final`);
    if (!invoice.items.some((item) => item.key === key)) invoice.items.push({ key, amountMinor });
    return `ii_${key}`;
  }

  /** Ends a subscription and invoices its usage at once. */
  end(subject: Subject, nowMs: number): void {
    const last = this.draft({ ...subject, nowMs, aliveFromMs: nowMs, last: true });
    this.ended.add(subject.stripeSubscriptionId);
    if (last !== null) this.#finalize(last);
  }

  find(invoiceId: string, nowMs: number): ProviderInvoice {
    return this.#view(this.#find(invoiceId, nowMs));
  }

  list(stripeCustomerId: string, nowMs: number): readonly ProviderInvoice[] {
    this.advance(nowMs);
    return this.invoices.filter((invoice) => invoice.stripeCustomerId === stripeCustomerId)
      .map((invoice) => this.#view(invoice)).reverse();
  }

  /** Drafts whose time is up become final. */
  advance(nowMs: number): void {
    for (const invoice of this.invoices) {
      const { final, finalizesAtMs } = invoice;
      if (final !== null || finalizesAtMs === null || finalizesAtMs > nowMs) continue;
      this.#finalize(invoice);
      invoice.byItself = true;
    }
  }

  /** What a customer used in the minutes of a claim, as far as Stripe knows now. */
  count(stripeCustomerId: string, claim: UsageClaim): BilledUsage {
    return { ...claim, units: this.unitsOf(stripeCustomerId, claim.startMs, claim.endMs) };
  }

  /** Usage lines of an invoice as they are now. */
  usageOf({ stripeCustomerId, before, claim, final }: Invoice): readonly BilledUsage[] {
    return final ?? [...before, this.count(stripeCustomerId, claim)];
  }

  /** What the customer pays for usage, with what was made up for. */
  amountOf(invoice: Invoice): bigint {
    const items = invoice.items.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
    return this.usageOf(invoice).reduce((sum, usage) => sum + amountOf(usage), items);
  }

  #finalize(invoice: Invoice): void {
    invoice.final = this.usageOf(invoice);
    invoice.finalizesAtMs = null;
  }

  #find(invoiceId: string, nowMs: number): Invoice {
    this.advance(nowMs);
    const invoice = this.invoices.find((candidate) => candidate.invoiceId === invoiceId);
    if (invoice === undefined) throw new Error(`No invoice ${invoiceId}`);
    return invoice;
  }

  #view(invoice: Invoice): ProviderInvoice {
    const { stripeCustomerId, startMs, endMs, items } = invoice;
    const period = { periodStartMs: startMs, periodEndMs: endMs };
    const usage = this.usageOf(invoice).map((billed) => ({
      description: billed.planRevision,
      meter: METER,
      units: billed.units,
      amountMinor: amountOf(billed),
      periodStartMs: billed.startMs,
      periodEndMs: Math.min(billed.endMs, endMs),
      proration: false,
      key: null,
    }));
    const own = items.map((item) => ({
      ...item,
      ...period,
      description: item.key,
      meter: null,
      units: 0n,
      proration: false,
    }));
    const totalMinor = this.amountOf(invoice);
    return {
      invoiceId: invoice.invoiceId,
      number: null,
      status: invoice.final === null ? "draft" : "open",
      stripeCustomerId,
      stripeSubscriptionId: invoice.stripeSubscriptionId,
      currency: "usd",
      totalMinor,
      amountDueMinor: totalMinor,
      ...period,
      createdAtMs: invoice.createdAtMs,
      autoAdvance: invoice.finalizesAtMs !== null,
      finalizesAtMs: invoice.finalizesAtMs,
      hostedUrl: null,
      lines: [...usage, ...own],
    };
  }
}

/** Less than nothing is billed as nothing. */
function amountOf({ units, planRevision }: BilledUsage): bigint {
  return units > 0n ? units * priceOf(planRevision) : 0n;
}
