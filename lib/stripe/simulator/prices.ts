import { z } from "zod";
import { fromMinor } from "@/lib/domain/money.ts";
import { isCurrency } from "@/lib/domain/currency.ts";
import { fromDecimalMinor, toDecimalMinor } from "../decimal_amount.ts";
import { mergeMetadata } from "./customers.ts";
import type { PriceDoc, TierDoc } from "./documents.ts";
import { type Call, type Endpoint, endpoint, idOf, type Reply } from "./endpoint.ts";
import { emitSnapshot } from "./events.ts";
import { listPage, newestFirst } from "./list.ts";
import { boolean, decimal, expand, integer, metadata, page, text } from "./params.ts";
import { invalid, noSuch } from "./refusal.ts";
import type { Transaction } from "./state.ts";
import { seconds } from "./time.ts";

/** The first API version in which a metered price needs a meter. */
const METERS_REQUIRED_SINCE = "2025-03-31";

const tier = z.strictObject({
  up_to: z.union([z.literal("inf"), integer()]),
  unit_amount: integer().optional(),
  unit_amount_decimal: decimal().optional(),
  flat_amount: integer().optional(),
  flat_amount_decimal: decimal().optional(),
});

const creation = z.strictObject({
  currency: z.string(),
  product: text(5000),
  active: boolean().optional(),
  nickname: text(5000).optional(),
  unit_amount: integer().optional(),
  unit_amount_decimal: decimal().optional(),
  billing_scheme: z.enum(["per_unit", "tiered"]).optional(),
  tiers_mode: z.enum(["graduated", "volume"]).optional(),
  tiers: z.array(tier).max(100).optional(),
  transform_quantity: z.strictObject({ divide_by: integer(), round: z.enum(["up", "down"]) })
    .optional(),
  recurring: z.strictObject({
    interval: z.enum(["day", "week", "month", "year"]),
    interval_count: integer().optional(),
    usage_type: z.enum(["licensed", "metered"]).optional(),
    meter: z.string().optional(),
    aggregate_usage: z.enum(["sum"]).optional(),
  }).optional(),
  lookup_key: text(200).optional(),
  transfer_lookup_key: boolean().optional(),
  tax_behavior: z.enum(["exclusive", "inclusive", "unspecified"]).optional(),
  metadata: metadata().optional(),
  expand: expand(),
});

export const priceEndpoints: readonly Endpoint[] = [
  endpoint("POST /v1/prices", creation, createPrice),
  endpoint(
    "GET /v1/prices",
    z.strictObject({
      ...page,
      active: boolean().optional(),
      product: z.string().optional(),
      lookup_keys: z.array(z.string()).max(10).optional(),
      type: z.enum(["one_time", "recurring"]).optional(),
      currency: z.string().optional(),
    }),
    ({ tx }, params) => {
      const wanted = newestFirst(tx.all("prices")).filter((price) =>
        price.active === (params.active ?? true) &&
        (params.product === undefined || price.product === params.product) &&
        (params.currency === undefined || price.currency === params.currency) &&
        (params.type === undefined ||
          (price.interval !== null) === (params.type === "recurring")) &&
        (params.lookup_keys === undefined ||
          (price.lookupKey !== null && params.lookup_keys.includes(price.lookupKey)))
      );
      const render = (price: PriceDoc) => renderPrice(price, params.expand);
      return listPage(wanted, { params, url: "/v1/prices", render });
    },
  ),
  endpoint("GET /v1/prices/:id", z.strictObject({ expand: expand() }), (call, params) => {
    return renderPrice(existingPrice(call.tx, idOf(call), "id"), params.expand);
  }),
  endpoint(
    "POST /v1/prices/:id",
    z.strictObject({
      active: boolean().optional(),
      nickname: text(5000).optional(),
      lookup_key: text(200).optional(),
      transfer_lookup_key: boolean().optional(),
      metadata: metadata().optional(),
      expand: expand(),
    }),
    (call, params) => {
      const before = existingPrice(call.tx, idOf(call), "id");
      if (params.lookup_key !== undefined && params.lookup_key !== before.lookupKey) {
        claimLookupKey(call.tx, params.lookup_key, params.transfer_lookup_key ?? false);
      }
      const price: PriceDoc = {
        ...before,
        active: params.active ?? before.active,
        nickname: params.nickname ?? before.nickname,
        lookupKey: params.lookup_key ?? before.lookupKey,
        metadata: mergeMetadata(before.metadata, params.metadata),
      };
      call.tx.put("prices", price.id, price);
      emitSnapshot(call, "price.updated", renderPrice(price));
      return renderPrice(price, params.expand);
    },
  ),
];

function createPrice(call: Call, params: z.output<typeof creation>): Reply {
  const { tx } = call;
  if (!isCurrency(params.currency)) {
    throw invalid(`Invalid currency: ${params.currency}`, "currency");
  }
  if (tx.get("products", params.product) === undefined) {
    throw noSuch("product", params.product, "product");
  }
  checkRecurring(call, params);
  if (params.lookup_key !== undefined) {
    claimLookupKey(tx, params.lookup_key, params.transfer_lookup_key ?? false);
  }
  const price: PriceDoc = {
    id: tx.nextId("price"),
    created: seconds(tx.nowMs),
    active: params.active ?? true,
    product: params.product,
    currency: params.currency,
    nickname: params.nickname ?? null,
    lookupKey: params.lookup_key ?? null,
    metadata: params.metadata ?? {},
    ...amountsOf(params),
    divideBy: params.transform_quantity?.divide_by ?? null,
    round: params.transform_quantity?.round ?? "up",
    interval: params.recurring?.interval ?? null,
    intervalCount: params.recurring?.interval_count ?? 1,
    usageType: params.recurring?.usage_type ?? "licensed",
    meter: params.recurring?.meter ?? null,
  };
  tx.put("prices", price.id, price);
  emitSnapshot(call, "price.created", renderPrice(price));
  return renderPrice(price, params.expand);
}

function checkRecurring({ tx, apiVersion }: Call, params: z.output<typeof creation>): void {
  const { recurring } = params;
  if (recurring?.meter !== undefined) {
    if (recurring.usage_type !== "metered") {
      throw invalid(
        "`recurring[meter]` needs `recurring[usage_type]=metered`.",
        "recurring[meter]",
      );
    }
    const meter = tx.get("meters", recurring.meter);
    if (meter === undefined) throw noSuch("meter", recurring.meter, "recurring[meter]");
    if (!meter.active) {
      throw invalid("The meter of this price is not active.", "recurring[meter]", "archived_meter");
    }
    return;
  }
  if (recurring?.usage_type === "metered" && apiVersion >= METERS_REQUIRED_SINCE) {
    throw invalid("Metered prices must be backed by a meter.", "recurring[meter]");
  }
}

function amountsOf(
  params: z.output<typeof creation>,
): Pick<PriceDoc, "unitAmountDecimal" | "tiersMode" | "tiers"> {
  if (params.billing_scheme !== "tiered") {
    if (params.tiers !== undefined || params.tiers_mode !== undefined) {
      throw invalid("`tiers` needs `billing_scheme=tiered`.", "tiers");
    }
    const unitAmountDecimal = oneAmount(params, "unit_amount");
    if (unitAmountDecimal === null) {
      throw invalid("Missing required param: unit_amount.", "unit_amount", "parameter_missing");
    }
    return { unitAmountDecimal, tiersMode: null, tiers: null };
  }
  if (params.transform_quantity !== undefined) {
    throw invalid("`transform_quantity` can't be combined with tiers.", "transform_quantity");
  }
  if (params.tiers_mode === undefined) {
    throw invalid("Missing required param: tiers_mode.", "tiers_mode", "parameter_missing");
  }
  return {
    unitAmountDecimal: null,
    tiersMode: params.tiers_mode,
    tiers: ladderOf(params.tiers ?? []),
  };
}

function ladderOf(tiers: readonly z.output<typeof tier>[]): TierDoc[] {
  if (tiers.length === 0) throw invalid("Missing required param: tiers.", "tiers");
  const ladder = tiers.map((rung) => ({
    upTo: rung.up_to === "inf" ? null : rung.up_to,
    unitAmountDecimal: oneAmount(rung, "unit_amount"),
    flatAmountDecimal: oneAmount(rung, "flat_amount"),
  }));
  ladder.forEach((rung, at) => {
    const last = at === ladder.length - 1;
    if ((rung.upTo === null) !== last) {
      throw invalid("The last tier, and only it, must have `up_to=inf`.", "tiers");
    }
    if (rung.upTo !== null && rung.upTo <= (ladder[at - 1]?.upTo ?? 0)) {
      throw invalid("Tiers must be ordered by rising `up_to`.", "tiers");
    }
    if (rung.unitAmountDecimal === null && rung.flatAmountDecimal === null) {
      throw invalid("A tier needs `unit_amount` or `flat_amount`.", `tiers[${at}]`);
    }
  });
  return ladder;
}

function oneAmount(
  params: Readonly<Record<string, unknown>>,
  name: "unit_amount" | "flat_amount",
): string | null {
  const whole = params[name];
  const exact = params[`${name}_decimal`];
  if (whole !== undefined && exact !== undefined) {
    throw invalid(`Only one of \`${name}\` and \`${name}_decimal\` can be set.`, name);
  }
  const found = typeof whole === "number" ? String(whole) : exact;
  if (typeof found !== "string") return null;
  const amount = fromDecimalMinor(found);
  if (amount === null || amount < 0n) throw invalid(`Invalid non-negative amount: ${found}`, name);
  return toDecimalMinor(amount);
}

function claimLookupKey(tx: Transaction, lookupKey: string, transfer: boolean): void {
  for (const price of tx.all("prices")) {
    if (price.lookupKey !== lookupKey) continue;
    if (!transfer) {
      throw invalid(
        `A price (\`${price.id}\`) already uses that lookup key.`,
        "lookup_key",
        "resource_already_exists",
      );
    }
    tx.put("prices", price.id, { ...price, lookupKey: null });
  }
}

export function existingPrice(tx: Transaction, id: string, param = "price"): PriceDoc {
  const price = tx.get("prices", id);
  if (price === undefined) throw noSuch("price", id, param);
  return price;
}

/** Tiers come only when they are asked for, as in Stripe. */
export function renderPrice(price: PriceDoc, expanded: readonly string[] = []): Reply {
  const withTiers = expanded.some((path) => path === "tiers" || path.endsWith(".tiers"));
  return {
    id: price.id,
    object: "price",
    active: price.active,
    billing_scheme: price.tiers === null ? "per_unit" : "tiered",
    created: price.created,
    currency: price.currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: price.lookupKey,
    metadata: price.metadata,
    nickname: price.nickname,
    product: price.product,
    recurring: price.interval === null ? null : {
      interval: price.interval,
      interval_count: price.intervalCount,
      meter: price.meter,
      trial_period_days: null,
      usage_type: price.usageType,
    },
    tax_behavior: "unspecified",
    tiers_mode: price.tiersMode,
    transform_quantity: price.divideBy === null
      ? null
      : { divide_by: price.divideBy, round: price.round },
    type: price.interval === null ? "one_time" : "recurring",
    unit_amount: wholeMinor(price.unitAmountDecimal),
    unit_amount_decimal: price.unitAmountDecimal,
    ...(withTiers && price.tiers !== null
      ? {
        tiers: price.tiers.map((rung) => ({
          flat_amount: wholeMinor(rung.flatAmountDecimal),
          flat_amount_decimal: rung.flatAmountDecimal,
          unit_amount: wholeMinor(rung.unitAmountDecimal),
          unit_amount_decimal: rung.unitAmountDecimal,
          up_to: rung.upTo,
        })),
      }
      : {}),
  };
}

/** `null` when the amount has parts of a minor unit. */
function wholeMinor(decimalText: string | null): number | null {
  if (decimalText === null) return null;
  const minor = Number(decimalText.split(".")[0]);
  return fromDecimalMinor(decimalText) === fromMinor(BigInt(minor)) ? minor : null;
}
