import { z } from "zod";
import { liveCustomer } from "./customers.ts";
import type { CreditGrantDoc, InvoiceDoc, InvoiceLineDoc } from "./documents.ts";
import { type Call, type Endpoint, endpoint, idOf, type Reply } from "./endpoint.ts";
import { emitSnapshot } from "./events.ts";
import { listPage, newestFirst } from "./list.ts";
import { expand, integer, metadata, page, text, unixTime } from "./params.ts";
import { existingPrice } from "./prices.ts";
import { invalid, noSuch } from "./refusal.ts";
import type { Transaction } from "./state.ts";
import { nowOf, SECOND_MS, seconds, secondsOrNull } from "./time.ts";

const DEFAULT_PRIORITY = 50;

export const creditGrantEndpoints: readonly Endpoint[] = [
  endpoint(
    "POST /v1/billing/credit_grants",
    z.strictObject({
      customer: z.string(),
      name: text(100).optional(),
      category: z.enum(["paid", "promotional"]).optional(),
      amount: z.strictObject({
        type: z.literal("monetary"),
        monetary: z.strictObject({ currency: z.string(), value: integer() }),
      }),
      applicability_config: z.strictObject({
        scope: z.strictObject({
          price_type: z.literal("metered").optional(),
          prices: z.array(z.strictObject({ id: z.string() })).max(20).optional(),
        }),
      }),
      priority: integer().optional(),
      effective_at: unixTime().optional(),
      expires_at: unixTime().optional(),
      metadata: metadata().optional(),
      expand: expand(),
    }),
    (call, params) => {
      const { tx } = call;
      const customer = liveCustomer(tx, params.customer);
      if (params.amount.monetary.value <= 0) {
        throw invalid("The amount of a grant must be positive.", "amount[monetary][value]");
      }
      const prices = params.applicability_config.scope.prices?.map(({ id }) => id) ?? null;
      for (const price of prices ?? []) {
        if (existingPrice(tx, price).meter === null) {
          throw invalid(
            "Credits apply to metered prices with a meter only.",
            "applicability_config",
          );
        }
      }
      const nowMs = nowOf(tx, customer.id);
      const grant: CreditGrantDoc = {
        id: tx.nextId("credgr"),
        created: seconds(nowMs),
        customer: customer.id,
        name: params.name ?? null,
        category: params.category ?? "paid",
        currency: params.amount.monetary.currency,
        amount: params.amount.monetary.value,
        used: 0,
        prices,
        priority: params.priority ?? DEFAULT_PRIORITY,
        effectiveMs: params.effective_at === undefined ? nowMs : params.effective_at * SECOND_MS,
        expiresMs: params.expires_at === undefined ? null : params.expires_at * SECOND_MS,
        voidedMs: null,
        metadata: params.metadata ?? {},
      };
      tx.put("credit_grants", grant.id, grant);
      emitSnapshot(call, "billing.credit_grant.created", renderGrant(grant));
      return renderGrant(grant);
    },
  ),
  endpoint(
    "GET /v1/billing/credit_grants",
    z.strictObject({ ...page, customer: z.string().optional() }),
    ({ tx }, params) => {
      const wanted = newestFirst(tx.all("credit_grants")).filter((grant) =>
        params.customer === undefined || grant.customer === params.customer
      );
      return listPage(wanted, { params, url: "/v1/billing/credit_grants", render: renderGrant });
    },
  ),
  endpoint("GET /v1/billing/credit_grants/:id", z.strictObject({}), (call) => {
    return renderGrant(existing(call));
  }),
  endpoint("POST /v1/billing/credit_grants/:id/expire", z.strictObject({}), (call) => {
    const grant = existing(call);
    return saved(call, { ...grant, expiresMs: nowOf(call.tx, grant.customer) });
  }),
  endpoint("POST /v1/billing/credit_grants/:id/void", z.strictObject({}), (call) => {
    const grant = existing(call);
    if (grant.used > 0) throw invalid("A grant that was used can't be voided.");
    return saved(call, { ...grant, voidedMs: nowOf(call.tx, grant.customer) });
  }),
  endpoint(
    "GET /v1/billing/credit_balance_summary",
    z.strictObject({ customer: z.string(), filter: z.looseObject({}), expand: expand() }),
    ({ tx }, params) => {
      const customer = liveCustomer(tx, params.customer);
      const live = usableGrants(tx, customer.id, nowOf(tx, customer.id));
      const value = live.reduce((sum, grant) => sum + grant.amount - grant.used, 0);
      const monetary = { currency: live[0]?.currency ?? "usd", value };
      const balance = { type: "monetary", monetary };
      return {
        object: "billing.credit_balance_summary",
        balances: [{ available_balance: balance, ledger_balance: balance }],
        customer: customer.id,
        livemode: false,
      };
    },
  ),
];

/** Spends credit on the metered lines of an invoice that becomes final; returns the sum spent. */
export function spendCredit(
  { tx }: Call | { tx: Transaction },
  invoice: InvoiceDoc,
  lines: readonly InvoiceLineDoc[],
  atMs: number,
): number {
  const open = lines.filter((line) => line.price !== null && line.subscriptionItem !== null)
    .filter((line) => existingPrice(tx, line.price ?? "").meter !== null)
    .map((line) => ({ price: line.price ?? "", left: Math.max(0, line.amount) }));
  let spent = 0;
  for (const grant of usableGrants(tx, invoice.customer, atMs)) {
    if (grant.currency !== invoice.currency) continue;
    let { used } = grant;
    for (const line of open) {
      if (grant.prices !== null && !grant.prices.includes(line.price)) continue;
      const taken = Math.min(line.left, grant.amount - used);
      line.left -= taken;
      used += taken;
      spent += taken;
    }
    if (used !== grant.used) tx.put("credit_grants", grant.id, { ...grant, used });
  }
  return spent;
}

/** In the order in which Stripe spends them: priority, expiry, category, age. */
function usableGrants(tx: Transaction, customer: string, atMs: number): CreditGrantDoc[] {
  return [...tx.all("credit_grants")]
    .filter((grant) =>
      grant.customer === customer && grant.voidedMs === null && grant.used < grant.amount &&
      grant.effectiveMs <= atMs && (grant.expiresMs === null || grant.expiresMs > atMs)
    )
    .sort((a, b) =>
      a.priority - b.priority || (a.expiresMs ?? Infinity) - (b.expiresMs ?? Infinity) ||
      Number(a.category === "paid") - Number(b.category === "paid") ||
      a.effectiveMs - b.effectiveMs
    );
}

function existing(call: Call): CreditGrantDoc {
  const grant = call.tx.get("credit_grants", idOf(call));
  if (grant === undefined) throw noSuch("credit_grant", idOf(call));
  return grant;
}

function saved(call: Call, grant: CreditGrantDoc): Reply {
  call.tx.put("credit_grants", grant.id, grant);
  emitSnapshot(call, "billing.credit_grant.updated", renderGrant(grant));
  return renderGrant(grant);
}

function renderGrant(grant: CreditGrantDoc): Reply {
  return {
    id: grant.id,
    object: "billing.credit_grant",
    amount: {
      type: "monetary",
      monetary: { currency: grant.currency, value: grant.amount },
    },
    applicability_config: {
      scope: grant.prices === null
        ? { price_type: "metered" }
        : { prices: grant.prices.map((id) => ({ id })) },
    },
    category: grant.category,
    created: grant.created,
    customer: grant.customer,
    customer_account: null,
    effective_at: seconds(grant.effectiveMs),
    expires_at: secondsOrNull(grant.expiresMs),
    livemode: false,
    metadata: grant.metadata,
    name: grant.name,
    priority: grant.priority,
    test_clock: null,
    updated: grant.created,
    voided_at: secondsOrNull(grant.voidedMs),
  };
}
