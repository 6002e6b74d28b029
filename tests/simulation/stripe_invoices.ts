import type { Units } from "@/lib/domain/plan.ts";
import type { ProviderInvoice } from "@/lib/ports/billing_provider.ts";
import { METER } from "../support/metered_tenants.ts";

const HOUR_MS = 3_600_000;
/** As docs/stripe.md asks for: a draft waits for a day unless it is held. */
const GRACE_MS = 24 * HOUR_MS;

/** An invoice of a subscription's usage. Its units are what Stripe has when it becomes final. */
interface Invoice {
  readonly invoiceId: string;
  readonly stripeCustomerId: string;
  readonly stripeSubscriptionId: string;
  readonly startMs: number;
  readonly endMs: number;
  /** A plan that ends early is billed with all minutes of its period, those ahead of now as well. */
  readonly countsUntilMs: number;
  readonly createdAtMs: number;
  /** When it becomes final by itself; `null` once held. */
  finalizesAtMs: number | null;
  /** `null` while a draft. */
  units: Units | null;
  /** Nobody asked for it to be final. */
  byItself: boolean;
}

type Subject = Pick<
  Invoice,
  "stripeCustomerId" | "stripeSubscriptionId" | "startMs" | "endMs" | "countsUntilMs"
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
    { nowMs, aliveFromMs, ...subject }: Subject & {
      readonly nowMs: number;
      /** An outage of Stripe ends; nothing becomes final in it. */
      readonly aliveFromMs: number;
    },
  ): Invoice | null {
    if (this.ended.has(subject.stripeSubscriptionId)) return null;
    const invoice: Invoice = {
      ...subject,
      invoiceId: `in_${this.invoices.length + 1}`,
      createdAtMs: nowMs,
      finalizesAtMs: Math.max(nowMs, aliveFromMs) + GRACE_MS,
      units: null,
      byItself: false,
    };
    this.invoices.push(invoice);
    return invoice;
  }

  hold(invoiceId: string, nowMs: number): ProviderInvoice {
    const invoice = this.#find(invoiceId, nowMs);
    if (invoice.units === null) invoice.finalizesAtMs = null;
    return this.#view(invoice);
  }

  finalize(invoiceId: string, nowMs: number): ProviderInvoice {
    const invoice = this.#find(invoiceId, nowMs);
    if (invoice.units === null) this.#finalize(invoice);
    return this.#view(invoice);
  }

  /** Ends a subscription and invoices its usage at once. */
  end(subject: Subject, nowMs: number): void {
    const last = this.draft({ ...subject, nowMs, aliveFromMs: nowMs });
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
      const { units, finalizesAtMs } = invoice;
      if (units !== null || finalizesAtMs === null || finalizesAtMs > nowMs) continue;
      this.#finalize(invoice);
      invoice.byItself = true;
    }
  }

  #finalize(invoice: Invoice): void {
    invoice.units = this.#unitsOf(invoice);
    invoice.finalizesAtMs = null;
  }

  #unitsOf({ stripeCustomerId, startMs, countsUntilMs }: Invoice): Units {
    return this.unitsOf(stripeCustomerId, startMs, countsUntilMs);
  }

  #find(invoiceId: string, nowMs: number): Invoice {
    this.advance(nowMs);
    const invoice = this.invoices.find((candidate) => candidate.invoiceId === invoiceId);
    if (invoice === undefined) throw new Error(`No invoice ${invoiceId}`);
    return invoice;
  }

  /** One unit costs one minor unit. */
  #view(invoice: Invoice): ProviderInvoice {
    const { stripeCustomerId, startMs, endMs } = invoice;
    const units = invoice.units ?? this.#unitsOf(invoice);
    const amountMinor = units > 0n ? units : 0n;
    const period = { periodStartMs: startMs, periodEndMs: endMs };
    const line = { description: METER, meter: METER, units, amountMinor, proration: false };
    return {
      invoiceId: invoice.invoiceId,
      number: null,
      status: invoice.units === null ? "draft" : "open",
      stripeCustomerId,
      stripeSubscriptionId: invoice.stripeSubscriptionId,
      currency: "usd",
      totalMinor: amountMinor,
      amountDueMinor: amountMinor,
      ...period,
      createdAtMs: invoice.createdAtMs,
      autoAdvance: invoice.finalizesAtMs !== null,
      finalizesAtMs: invoice.finalizesAtMs,
      hostedUrl: null,
      lines: [{ ...line, ...period }],
    };
  }
}
