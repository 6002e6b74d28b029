import { z } from "zod";
import { shiftCycle } from "./billing_cycle.ts";
import { liveCustomer, mergeMetadata } from "./customers.ts";
import type { InvoiceDoc, SubscriptionDoc } from "./documents.ts";
import { type Call, type Endpoint, endpoint, idOf, type Reply } from "./endpoint.ts";
import { emitSnapshot } from "./events.ts";
import { collectPayment, draftInvoice, finalizeInvoice } from "./invoice_billing.ts";
import { itemLine, licensedLines, linesOf, usageClaims } from "./invoice_lines.ts";
import { renderInvoice, renderLine } from "./invoice_view.ts";
import { listPage, newestFirst } from "./list.ts";
import { boolean, expand, integer, metadata, page } from "./params.ts";
import { invalid, noSuch } from "./refusal.ts";
import { invoiceBase } from "./subscription_billing.ts";
import { HOUR_MS, nowOf, seconds } from "./time.ts";

const statuses = z.enum(["draft", "open", "paid", "uncollectible", "void"]);

export const invoiceEndpoints: readonly Endpoint[] = [
  endpoint(
    "POST /v1/invoices/create_preview",
    z.strictObject({
      customer: z.string().optional(),
      subscription: z.string(),
      expand: expand(),
    }),
    (call, params) => previewInvoice(call, params),
  ),
  endpoint(
    "POST /v1/invoices",
    z.strictObject({
      customer: z.string(),
      currency: z.string().optional(),
      auto_advance: boolean().optional(),
      collection_method: z.enum(["charge_automatically", "send_invoice"]).optional(),
      days_until_due: integer().optional(),
      pending_invoice_items_behavior: z.enum(["include", "exclude"]).optional(),
      metadata: metadata().optional(),
      expand: expand(),
    }),
    (call, params) => {
      const customer = liveCustomer(call.tx, params.customer);
      const nowMs = nowOf(call.tx, customer.id);
      const invoice = draftInvoice(call, {
        customer: customer.id,
        subscription: null,
        currency: params.currency ?? "usd",
        billingReason: "manual",
        collectionMethod: params.collection_method ?? "charge_automatically",
        daysUntilDue: params.days_until_due ?? null,
        periodStartMs: nowMs,
        periodEndMs: nowMs,
        autoAdvance: params.auto_advance ?? false,
        metadata: params.metadata ?? {},
      }, nowMs);
      return render(call, invoice);
    },
  ),
  endpoint(
    "GET /v1/invoices",
    z.strictObject({
      ...page,
      customer: z.string().optional(),
      subscription: z.string().optional(),
      status: statuses.optional(),
      created: z.strictObject({ gte: integer(), gt: integer(), lte: integer(), lt: integer() })
        .partial().optional(),
    }),
    (call, params) => {
      const { created = {} } = params;
      const wanted = newestFirst(call.tx.all("invoices")).filter((invoice) =>
        (params.customer === undefined || invoice.customer === params.customer) &&
        (params.subscription === undefined || invoice.subscription === params.subscription) &&
        (params.status === undefined || invoice.status === params.status) &&
        invoice.created >= (created.gte ?? -Infinity) &&
        invoice.created > (created.gt ?? -Infinity) &&
        invoice.created <= (created.lte ?? Infinity) && invoice.created < (created.lt ?? Infinity)
      );
      return listPage(wanted, {
        params,
        url: "/v1/invoices",
        render: (invoice) => render(call, invoice),
      });
    },
  ),
  endpoint("GET /v1/invoices/:id", z.strictObject({ expand: expand() }), (call) => {
    return render(call, existing(call));
  }),
  endpoint("GET /v1/invoices/:id/lines", z.strictObject(page), (call, params) => {
    const invoice = upcoming(call) ?? existing(call);
    return listPage(linesOf(call.tx, invoice), {
      params,
      url: `/v1/invoices/${invoice.id}/lines`,
      render: (line) => renderLine(call.tx, invoice, line),
    });
  }),
  endpoint(
    "POST /v1/invoices/:id",
    z.strictObject({
      auto_advance: boolean().optional(),
      metadata: metadata().optional(),
      expand: expand(),
    }),
    (call, params) => {
      const before = existing(call);
      const autoAdvance = params.auto_advance ?? before.autoAdvance;
      const restarts = autoAdvance && before.finalizesAtMs === null;
      const invoice: InvoiceDoc = {
        ...before,
        autoAdvance,
        finalizesAtMs: before.status !== "draft" || !autoAdvance
          ? null
          : restarts
          ? nowOf(call.tx, before.customer) + HOUR_MS
          : before.finalizesAtMs,
        metadata: mergeMetadata(before.metadata, params.metadata),
      };
      call.tx.put("invoices", invoice.id, invoice);
      emitSnapshot(call, "invoice.updated", renderInvoice(call.tx, invoice));
      return render(call, invoice);
    },
  ),
  endpoint(
    "POST /v1/invoices/:id/finalize",
    z.strictObject({ auto_advance: boolean().optional(), expand: expand() }),
    (call) => {
      const invoice = existing(call);
      return render(call, finalizeInvoice(call, invoice, nowOf(call.tx, invoice.customer)));
    },
  ),
  endpoint(
    "POST /v1/invoices/:id/pay",
    z.strictObject({ paid_out_of_band: boolean().optional(), expand: expand() }),
    (call) => {
      const invoice = existing(call);
      if (invoice.status !== "open") throw invalid(`Invoice ${invoice.id} is not open.`, "invoice");
      return render(call, collectPayment(call, invoice, nowOf(call.tx, invoice.customer)));
    },
  ),
  endpoint("POST /v1/invoices/:id/void", z.strictObject({ expand: expand() }), (call) => {
    return ended(call, { status: "void", type: "invoice.voided" });
  }),
  endpoint(
    "POST /v1/invoices/:id/mark_uncollectible",
    z.strictObject({ expand: expand() }),
    (call) => ended(call, { status: "uncollectible", type: "invoice.marked_uncollectible" }),
  ),
];

function previewInvoice(
  call: Call,
  params: { customer?: string | undefined; subscription: string },
): Reply {
  const subscription = call.tx.get("subscriptions", params.subscription);
  if (subscription === undefined || subscription.endedAtMs !== null) {
    throw noSuch("subscription", params.subscription, "subscription");
  }
  if (params.customer !== undefined && params.customer !== subscription.customer) {
    throw invalid("The subscription is not this customer's.", "customer");
  }
  return render(call, previewOf(call, subscription));
}

const UPCOMING = "upcoming_in_";

/** The preview that an id like `upcoming_in_…` names, made anew. */
function upcoming(call: Call): InvoiceDoc | null {
  if (!idOf(call).startsWith(UPCOMING)) return null;
  const id = `sub_${idOf(call).slice(UPCOMING.length)}`;
  const subscription = call.tx.get("subscriptions", id);
  if (subscription === undefined) throw noSuch("invoice", idOf(call));
  return previewOf(call, subscription);
}

/** What the subscription's next invoice would be if its period ended with the usage so far. */
function previewOf({ tx }: Call, subscription: SubscriptionDoc): InvoiceDoc {
  const { periodStartMs: fromMs, periodEndMs: atMs } = subscription;
  const nextEndMs = shiftCycle(atMs, subscription, 1);
  const pending = [...tx.all("invoice_items")].filter((item) =>
    item.invoice === null && item.customer === subscription.customer &&
    (item.subscription === null || item.subscription === subscription.id)
  );
  return {
    ...invoiceBase(subscription),
    id: `${UPCOMING}${subscription.id.slice("sub_".length)}`,
    created: seconds(nowOf(tx, subscription.customer)),
    status: "draft",
    number: null,
    billingReason: "upcoming",
    periodStartMs: fromMs,
    periodEndMs: atMs,
    autoAdvance: true,
    finalizesAtMs: null,
    usage: usageClaims(tx, subscription, { fromMs, toMs: atMs }),
    lines: [
      ...licensedLines(tx, subscription, {
        fromMs: atMs,
        toMs: nextEndMs,
        wholeMs: nextEndMs - atMs,
      }),
      ...pending.map(itemLine),
    ],
    creditsApplied: 0,
    amountPaid: 0,
    attempts: 0,
    nextAttemptMs: null,
    finalizedAtMs: null,
    paidAtMs: null,
    voidedAtMs: null,
    dueAtMs: null,
    metadata: {},
  };
}

function ended(
  call: Call,
  { status, type }: { status: "void" | "uncollectible"; type: string },
): Reply {
  const invoice = existing(call);
  if (invoice.status !== "open") throw invalid(`Invoice ${invoice.id} is not open.`, "invoice");
  const nowMs = nowOf(call.tx, invoice.customer);
  const after: InvoiceDoc = {
    ...invoice,
    status,
    nextAttemptMs: null,
    voidedAtMs: status === "void" ? nowMs : null,
  };
  call.tx.put("invoices", after.id, after);
  emitSnapshot(call, type, renderInvoice(call.tx, after), nowMs);
  return render(call, after);
}

function render(call: Call, invoice: InvoiceDoc): Reply {
  const { host, tx } = call;
  const url = `${host.baseUrl()}/invoices/${invoice.id}?token=${host.token(invoice.id)}`;
  return renderInvoice(tx, invoice, url);
}

function existing(call: Call): InvoiceDoc {
  const invoice = call.tx.get("invoices", idOf(call));
  if (invoice === undefined) throw noSuch("invoice", idOf(call));
  return invoice;
}
