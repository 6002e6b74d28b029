import { z } from "zod";
import type { CustomerDoc } from "./documents.ts";
import { type Endpoint, endpoint, idOf, type Reply } from "./endpoint.ts";
import { emitSnapshot } from "./events.ts";
import { listPage, newestFirst } from "./list.ts";
import { expand, integer, metadata, page, text } from "./params.ts";
import { invalid, noSuch } from "./refusal.ts";
import type { Transaction } from "./state.ts";
import { nowOf, seconds } from "./time.ts";

/** Test payment methods of Stripe that the simulator knows, and how they pay. */
const CARDS: Readonly<Record<string, "pays" | "declines">> = {
  pm_card_visa: "pays",
  pm_card_mastercard: "pays",
  pm_card_chargeCustomerFail: "declines",
};

const fields = {
  email: text(512).optional(),
  name: text(256).optional(),
  description: text(5000).optional(),
  phone: text(20).optional(),
  metadata: metadata().optional(),
  payment_method: z.string().optional(),
  invoice_settings: z.strictObject({ default_payment_method: z.string().optional() }).optional(),
  expand: expand(),
};

export const customerEndpoints: readonly Endpoint[] = [
  endpoint(
    "POST /v1/customers",
    z.strictObject({ ...fields, test_clock: z.string().optional() }),
    (call, params) => {
      const { tx } = call;
      const clock = params.test_clock === undefined
        ? null
        : tx.get("test_clocks", params.test_clock);
      if (clock === undefined || clock?.deleted) {
        throw noSuch("test_clock", params.test_clock ?? "", "test_clock");
      }
      const id = tx.nextId("cus");
      const customer: CustomerDoc = {
        id,
        created: seconds(clock?.frozenMs ?? tx.nowMs),
        email: params.email ?? null,
        name: params.name ?? null,
        description: params.description ?? null,
        phone: params.phone ?? null,
        metadata: params.metadata ?? {},
        testClock: clock?.id ?? null,
        card: cardOf(params) ?? null,
        deleted: false,
        invoiceCount: 0,
      };
      tx.put("customers", id, customer);
      emitSnapshot(call, "customer.created", renderCustomer(customer));
      return renderCustomer(customer);
    },
  ),
  endpoint(
    "GET /v1/customers",
    z.strictObject({
      ...page,
      email: z.string().optional(),
      test_clock: z.string().optional(),
      created: z.strictObject({ gte: integer(), gt: integer(), lte: integer(), lt: integer() })
        .partial().optional(),
    }),
    ({ tx }, params) => {
      const { created = {} } = params;
      const wanted = newestFirst(tx.all("customers")).filter((customer) =>
        !customer.deleted && (params.email === undefined || customer.email === params.email) &&
        (customer.testClock === (params.test_clock ?? null)) &&
        customer.created >= (created.gte ?? -Infinity) &&
        customer.created > (created.gt ?? -Infinity) &&
        customer.created <= (created.lte ?? Infinity) && customer.created < (created.lt ?? Infinity)
      );
      return listPage(wanted, { params, url: "/v1/customers", render: renderCustomer });
    },
  ),
  endpoint("GET /v1/customers/:id", z.strictObject({ expand: expand() }), (call) => {
    const customer = call.tx.get("customers", idOf(call));
    if (customer === undefined) throw noSuch("customer", idOf(call));
    return customer.deleted ? renderDeleted(customer) : renderCustomer(customer);
  }),
  endpoint("POST /v1/customers/:id", z.strictObject(fields), (call, params) => {
    const before = liveCustomer(call.tx, idOf(call), "id");
    const customer: CustomerDoc = {
      ...before,
      email: params.email ?? before.email,
      name: params.name ?? before.name,
      description: params.description ?? before.description,
      phone: params.phone ?? before.phone,
      metadata: mergeMetadata(before.metadata, params.metadata),
      card: cardOf(params) ?? before.card,
    };
    call.tx.put("customers", customer.id, customer);
    emitSnapshot(call, "customer.updated", renderCustomer(customer));
    return renderCustomer(customer);
  }),
  endpoint("DELETE /v1/customers/:id", z.strictObject({}), (call) => {
    const customer = liveCustomer(call.tx, idOf(call), "id");
    const endedAtMs = nowOf(call.tx, customer.id);
    for (const subscription of call.tx.all("subscriptions")) {
      if (subscription.customer !== customer.id || subscription.endedAtMs !== null) continue;
      call.tx.put("subscriptions", subscription.id, {
        ...subscription,
        status: "canceled",
        canceledAtMs: endedAtMs,
        endedAtMs,
      });
    }
    call.tx.put("customers", customer.id, { ...customer, deleted: true });
    emitSnapshot(call, "customer.deleted", renderCustomer(customer));
    return renderDeleted(customer);
  }),
];

/** The customer that a parameter names; refuses unknown and deleted ones. */
export function liveCustomer(tx: Transaction, id: string, param = "customer"): CustomerDoc {
  const customer = tx.get("customers", id);
  if (customer === undefined || customer.deleted) throw noSuch("customer", id, param);
  return customer;
}

/** An empty value removes a key, as in Stripe. */
export function mergeMetadata(
  before: Readonly<Record<string, string>>,
  change: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const merged = Object.entries({ ...before, ...change });
  return Object.fromEntries(merged.filter(([, value]) => value !== ""));
}

function renderCustomer(customer: CustomerDoc): Reply {
  return {
    id: customer.id,
    object: "customer",
    balance: 0,
    created: customer.created,
    currency: null,
    default_source: null,
    delinquent: false,
    description: customer.description,
    email: customer.email,
    invoice_prefix: customer.id.slice(-8),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: customer.card === null ? null : cardName(customer.card),
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: customer.metadata,
    name: customer.name,
    phone: customer.phone,
    preferred_locales: [],
    shipping: null,
    tax_exempt: "none",
    test_clock: customer.testClock,
  };
}

function renderDeleted(customer: CustomerDoc): Reply {
  return { id: customer.id, object: "customer", deleted: true };
}

function cardName(card: "pays" | "declines"): string {
  return card === "pays" ? "pm_card_visa" : "pm_card_chargeCustomerFail";
}

function cardOf(params: {
  payment_method?: string | undefined;
  invoice_settings?: { default_payment_method?: string | undefined } | undefined;
}): "pays" | "declines" | undefined {
  const name = params.invoice_settings?.default_payment_method ?? params.payment_method;
  if (name === undefined) return undefined;
  const card = CARDS[name];
  if (card === undefined) {
    throw invalid(`No such PaymentMethod: '${name}'`, "payment_method", "resource_missing");
  }
  return card;
}
