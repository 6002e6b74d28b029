import type Stripe from "stripe";
import type {
  BillingProvider,
  ProviderInvoice,
  ProviderInvoiceLine,
} from "@/lib/ports/billing_provider.ts";
import { createOnce } from "./create_once.ts";
import { isMissing } from "./failures.ts";
import { findInPages, idOfRef, type ProviderContext, TAG } from "./provider_context.ts";

export type InvoiceDesk = Pick<
  BillingProvider,
  | "invoices"
  | "invoice"
  | "previewInvoice"
  | "holdInvoice"
  | "finalizeInvoice"
  | "ensureInvoiceItem"
  | "ensureCredit"
>;

const PAGE = 100;
const MAX_LINES = 5_000;
const MAX_CACHED_PRICES = 10_000;

/** Invoices, and what is put on them by hand. */
export function createInvoiceDesk({ client }: ProviderContext): InvoiceDesk {
  /** Which meter a price bills; prices never change that. */
  const meterOfPrice = new Map<string, string | null>();

  async function meterOf(stripe: Stripe, priceId: string | null): Promise<string | null> {
    if (priceId === null) return null;
    const cached = meterOfPrice.get(priceId);
    if (cached !== undefined) return cached;
    const price = await stripe.prices.retrieve(priceId);
    const meter = price.metadata[TAG.meter] ?? null;
    if (meterOfPrice.size >= MAX_CACHED_PRICES) meterOfPrice.clear();
    meterOfPrice.set(priceId, meter);
    return meter;
  }

  async function read(
    stripe: Stripe,
    invoice: Stripe.Invoice,
    options: { preview?: boolean } = {},
  ): Promise<ProviderInvoice> {
    const lines: ProviderInvoiceLine[] = [];
    for (const line of await allLines(stripe, invoice)) {
      const price = idOfRef(line.pricing?.price_details?.price);
      lines.push(readLine(line, await meterOf(stripe, price)));
    }
    return { ...readInvoice(invoice, options), lines };
  }

  return {
    async invoices({ stripeCustomerId, limit }) {
      const stripe = await client();
      const found: Stripe.Invoice[] = [];
      const pages = stripe.invoices.list({
        customer: stripeCustomerId,
        limit: Math.min(limit, PAGE),
      });
      for await (const invoice of pages) {
        if (found.length >= limit) break;
        found.push(invoice);
      }
      const answers: ProviderInvoice[] = [];
      for (const invoice of found) answers.push(await read(stripe, invoice));
      return answers;
    },

    async invoice(invoiceId) {
      const stripe = await client();
      try {
        return await read(stripe, await stripe.invoices.retrieve(invoiceId));
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },

    async previewInvoice({ stripeCustomerId, stripeSubscriptionId }) {
      const stripe = await client();
      const preview = await stripe.invoices.createPreview({
        customer: stripeCustomerId,
        subscription: stripeSubscriptionId,
      });
      return await read(stripe, preview, { preview: true });
    },

    async holdInvoice(invoiceId) {
      const stripe = await client();
      return await read(stripe, await stripe.invoices.update(invoiceId, { auto_advance: false }));
    },

    async finalizeInvoice(invoiceId) {
      const stripe = await client();
      const present = await stripe.invoices.retrieve(invoiceId);
      if (present.status !== "draft") return await read(stripe, present);
      const final = await stripe.invoices.finalizeInvoice(invoiceId, { auto_advance: true });
      return await read(stripe, final);
    },

    async ensureInvoiceItem({ key, stripeCustomerId, invoiceId, ...spec }) {
      const stripe = await client();
      const item = await createOnce({
        key: `clawmeter:item:${stripeCustomerId}:${key}`.slice(0, 250),
        find: () =>
          findInPages(
            stripe.invoiceItems.list({ customer: stripeCustomerId, limit: PAGE }),
            (candidate) => candidate.metadata?.[TAG.key] === key,
          ),
        create: (idempotencyKey) =>
          stripe.invoiceItems.create({
            customer: stripeCustomerId,
            ...(invoiceId === null ? {} : { invoice: invoiceId }),
            currency: spec.currency,
            amount: Number(spec.amountMinor),
            description: spec.description,
            metadata: { [TAG.key]: key },
          }, { idempotencyKey }),
      });
      return { invoiceItemId: item.id };
    },

    async ensureCredit({ key, stripeCustomerId, ...spec }) {
      const stripe = await client();
      const grant = await createOnce({
        key: `clawmeter:credit:${stripeCustomerId}:${key}`.slice(0, 250),
        find: () =>
          findInPages(
            stripe.billing.creditGrants.list({ customer: stripeCustomerId, limit: PAGE }),
            (candidate) => candidate.metadata[TAG.key] === key,
          ),
        create: (idempotencyKey) =>
          stripe.billing.creditGrants.create({
            customer: stripeCustomerId,
            name: spec.name,
            category: spec.category,
            amount: {
              type: "monetary",
              monetary: { currency: spec.currency, value: Number(spec.amountMinor) },
            },
            applicability_config: { scope: { price_type: "metered" } },
            ...(spec.expiresAtMs === null
              ? {}
              : { expires_at: Math.floor(spec.expiresAtMs / 1_000) }),
            metadata: { [TAG.key]: key },
          }, { idempotencyKey }),
      });
      return { creditGrantId: grant.id };
    },
  };
}

/** An invoice, a preview included, carries its first ten lines only. */
async function allLines(
  stripe: Stripe,
  invoice: Stripe.Invoice,
): Promise<Stripe.InvoiceLineItem[]> {
  if (!invoice.lines.has_more) return invoice.lines.data;
  const lines: Stripe.InvoiceLineItem[] = [];
  for await (const line of stripe.invoices.listLineItems(invoice.id, { limit: PAGE })) {
    if (lines.length >= MAX_LINES) break;
    lines.push(line);
  }
  return lines;
}

function readInvoice(
  invoice: Stripe.Invoice,
  { preview = false }: { preview?: boolean },
): Omit<ProviderInvoice, "lines"> {
  return {
    invoiceId: invoice.id,
    number: invoice.number,
    status: preview ? "preview" : statusOf(invoice),
    stripeCustomerId: idOfRef(invoice.customer) ?? "",
    stripeSubscriptionId: idOfRef(invoice.parent?.subscription_details?.subscription),
    currency: invoice.currency,
    totalMinor: BigInt(invoice.total),
    amountDueMinor: BigInt(invoice.amount_due),
    periodStartMs: invoice.period_start * 1_000,
    periodEndMs: invoice.period_end * 1_000,
    createdAtMs: invoice.created * 1_000,
    autoAdvance: invoice.auto_advance ?? false,
    finalizesAtMs: invoice.automatically_finalizes_at === null
      ? null
      : invoice.automatically_finalizes_at * 1_000,
    hostedUrl: invoice.hosted_invoice_url ?? null,
  };
}

function readLine(line: Stripe.InvoiceLineItem, meter: string | null): ProviderInvoiceLine {
  const parent = line.parent?.subscription_item_details ?? line.parent?.invoice_item_details;
  return {
    description: line.description ?? "",
    meter,
    units: BigInt(line.quantity ?? 0),
    amountMinor: BigInt(line.amount),
    periodStartMs: line.period.start * 1_000,
    periodEndMs: line.period.end * 1_000,
    proration: parent?.proration ?? false,
    key: line.metadata?.[TAG.key] ?? null,
  };
}

const STATUSES = ["open", "paid", "uncollectible", "void"] as const;

function statusOf(invoice: Stripe.Invoice): ProviderInvoice["status"] {
  return STATUSES.find((status) => status === invoice.status) ?? "draft";
}
