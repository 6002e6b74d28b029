import { z } from "zod";
import { liveCustomer } from "./customers.ts";
import type { InvoiceItemDoc } from "./documents.ts";
import { type Call, type Endpoint, endpoint, idOf } from "./endpoint.ts";
import { renderItem } from "./invoice_view.ts";
import { listPage, newestFirst } from "./list.ts";
import { boolean, expand, integer, metadata, page, text, unixTime } from "./params.ts";
import { invalid, noSuch } from "./refusal.ts";
import { nowOf, SECOND_MS, seconds } from "./time.ts";

export const invoiceItemEndpoints: readonly Endpoint[] = [
  endpoint(
    "POST /v1/invoiceitems",
    z.strictObject({
      customer: z.string(),
      invoice: z.string().optional(),
      subscription: z.string().optional(),
      currency: z.string().optional(),
      amount: integer(),
      description: text(5000).optional(),
      period: z.strictObject({ start: unixTime(), end: unixTime() }).optional(),
      metadata: metadata().optional(),
      expand: expand(),
    }),
    (call, params) => {
      const { tx } = call;
      const customer = liveCustomer(tx, params.customer);
      const invoice = params.invoice === undefined ? null : openDraft(call, params.invoice);
      const nowMs = nowOf(tx, customer.id);
      const item: InvoiceItemDoc = {
        id: tx.nextId("ii"),
        created: seconds(nowMs),
        customer: customer.id,
        invoice: invoice?.id ?? null,
        subscription: params.subscription ?? invoice?.subscription ?? null,
        currency: params.currency ?? invoice?.currency ?? "usd",
        amount: params.amount,
        description: params.description ?? "",
        quantity: 1,
        price: null,
        proration: false,
        periodStartMs: params.period === undefined ? nowMs : params.period.start * SECOND_MS,
        periodEndMs: params.period === undefined ? nowMs : params.period.end * SECOND_MS,
        metadata: params.metadata ?? {},
      };
      if (invoice !== null && item.currency !== invoice.currency) {
        throw invalid("The currency differs from the invoice's.", "currency");
      }
      tx.put("invoice_items", item.id, item);
      return renderItem(item);
    },
  ),
  endpoint(
    "GET /v1/invoiceitems",
    z.strictObject({
      ...page,
      customer: z.string().optional(),
      invoice: z.string().optional(),
      pending: boolean().optional(),
    }),
    ({ tx }, params) => {
      const wanted = newestFirst(tx.all("invoice_items")).filter((item) =>
        (params.customer === undefined || item.customer === params.customer) &&
        (params.invoice === undefined || item.invoice === params.invoice) &&
        (params.pending === undefined || (item.invoice === null) === params.pending)
      );
      return listPage(wanted, { params, url: "/v1/invoiceitems", render: renderItem });
    },
  ),
  endpoint("GET /v1/invoiceitems/:id", z.strictObject({ expand: expand() }), (call) => {
    const item = call.tx.get("invoice_items", idOf(call));
    if (item === undefined) throw noSuch("invoiceitem", idOf(call));
    return renderItem(item);
  }),
  endpoint("DELETE /v1/invoiceitems/:id", z.strictObject({}), (call) => {
    const item = call.tx.get("invoice_items", idOf(call));
    if (item === undefined) throw noSuch("invoiceitem", idOf(call));
    if (item.invoice !== null) openDraft(call, item.invoice);
    call.tx.remove("invoice_items", item.id);
    return { id: item.id, object: "invoiceitem", deleted: true };
  }),
];

function openDraft({ tx }: Call, id: string) {
  const invoice = tx.get("invoices", id);
  if (invoice === undefined) throw noSuch("invoice", id, "invoice");
  if (invoice.status !== "draft") {
    throw invalid(
      `The invoice ${id} can no longer be changed.`,
      "invoice",
      "invoice_not_editable",
    );
  }
  return invoice;
}
