import { z } from "zod";
import type {
  InvoiceChange,
  NoticeEnvelope,
  NoticeSubject,
  ProviderNotice,
} from "@/lib/ports/billing_provider.ts";

/** Event types that Clawmeter asks Stripe to send; others become `other`. */
export const SNAPSHOT_EVENTS = [
  "checkout.session.completed",
  "customer.deleted",
  "customer.subscription.created",
  "customer.subscription.deleted",
  "customer.subscription.paused",
  "customer.subscription.resumed",
  "customer.subscription.trial_will_end",
  "customer.subscription.updated",
  "invoice.created",
  "invoice.finalization_failed",
  "invoice.finalized",
  "invoice.marked_uncollectible",
  "invoice.overdue",
  "invoice.paid",
  "invoice.payment_action_required",
  "invoice.payment_failed",
  "invoice.upcoming",
  "invoice.updated",
  "invoice.voided",
] as const;

export const THIN_EVENTS = [
  "v1.billing.meter.error_report_triggered",
  "v1.billing.meter.no_meter_found",
] as const;

const reference = z.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)]);

const envelope = z.object({
  id: z.string(),
  type: z.string(),
  created: z.number(),
  livemode: z.boolean(),
  data: z.object({ object: z.looseObject({}) }),
});

const subscription = z.object({ id: z.string(), customer: reference });

const invoice = z.object({
  id: z.string().nullish(),
  customer: reference,
  parent: z.object({
    subscription_details: z.object({ subscription: reference }).nullish(),
  }).nullish(),
});

const session = z.object({
  id: z.string(),
  customer: reference.nullish(),
  subscription: reference.nullish(),
});

const thin = z.object({
  id: z.string(),
  type: z.string(),
  created: z.union([z.string(), z.date()]),
  livemode: z.boolean(),
  related_object: z.object({ id: z.string() }).nullish(),
});

/** An event, and whether it is of live mode. */
export interface ReadNotice {
  readonly notice: ProviderNotice;
  readonly livemode: boolean;
}

/** `null` when it is not an event at all. What we don't know, or can't read, is `other`. */
export function readSnapshotEvent(raw: unknown): ReadNotice | null {
  const event = envelope.safeParse(raw);
  if (!event.success) return null;
  const { id, type, created, livemode, data } = event.data;
  const head: NoticeEnvelope = { eventId: id, type, createdAtMs: created * 1_000 };
  return { notice: { ...head, ...subjectOf(type, data.object) }, livemode };
}

export function readThinEvent(raw: unknown): ReadNotice | null {
  const event = thin.safeParse(raw);
  if (!event.success) return null;
  const { id, type, created, livemode, related_object: related } = event.data;
  const head: NoticeEnvelope = { eventId: id, type, createdAtMs: new Date(created).getTime() };
  return { notice: { ...head, ...thinSubject(type, related?.id ?? null) }, livemode };
}

function thinSubject(type: string, relatedId: string | null): NoticeSubject {
  if (type === "v1.billing.meter.no_meter_found") return { kind: "no_meter_found" };
  if (type === "v1.billing.meter.error_report_triggered" && relatedId !== null) {
    return { kind: "meter_errors", stripeMeterId: relatedId };
  }
  return { kind: "other" };
}

function subjectOf(type: string, object: unknown): NoticeSubject {
  if (type.startsWith("customer.subscription.")) return subscriptionSubject(object);
  if (type.startsWith("invoice.")) return invoiceSubject(type.slice("invoice.".length), object);
  if (type === "checkout.session.completed") return checkoutSubject(object);
  if (type === "customer.deleted") {
    const customer = z.object({ id: z.string() }).safeParse(object);
    if (customer.success) return { kind: "customer_deleted", stripeCustomerId: customer.data.id };
  }
  return { kind: "other" };
}

function subscriptionSubject(object: unknown): NoticeSubject {
  const read = subscription.safeParse(object);
  if (!read.success) return { kind: "other" };
  return {
    kind: "subscription_changed",
    stripeCustomerId: read.data.customer,
    stripeSubscriptionId: read.data.id,
  };
}

function invoiceSubject(change: string, object: unknown): NoticeSubject {
  const read = invoice.safeParse(object);
  if (!read.success || !isInvoiceChange(change)) return { kind: "other" };
  return {
    kind: "invoice_changed",
    change,
    stripeCustomerId: read.data.customer,
    invoiceId: read.data.id ?? null,
    stripeSubscriptionId: read.data.parent?.subscription_details?.subscription ?? null,
  };
}

function checkoutSubject(object: unknown): NoticeSubject {
  const read = session.safeParse(object);
  const customer = read.data?.customer ?? null;
  if (!read.success || customer === null) return { kind: "other" };
  return {
    kind: "checkout_completed",
    checkoutSessionId: read.data.id,
    stripeCustomerId: customer,
    stripeSubscriptionId: read.data.subscription ?? null,
  };
}

const INVOICE_CHANGES: readonly InvoiceChange[] = [
  "upcoming",
  "created",
  "updated",
  "finalized",
  "finalization_failed",
  "paid",
  "payment_failed",
  "payment_action_required",
  "overdue",
  "marked_uncollectible",
  "voided",
];

function isInvoiceChange(text: string): text is InvoiceChange {
  return INVOICE_CHANGES.some((change) => change === text);
}
