import type Stripe from "stripe";
import { meterEventName, meterLabel } from "@/lib/domain/meter.ts";
import type { PlanMeter, PlanVersion } from "@/lib/domain/plan.ts";
import { ProviderError, type ProvisionedPlan } from "@/lib/ports/billing_provider.ts";
import { createOnce } from "./create_once.ts";
import { isMissing } from "./failures.ts";
import type { MeterCatalog } from "./meter_catalog.ts";
import {
  checkPlan,
  type DecimalMaker,
  lookupKeyOf,
  perUnit,
  type PriceShape,
  priceShape,
  shapeText,
} from "./price_params.ts";
import { LEGACY_API_VERSION, type ProviderContext, sha256Hex, TAG } from "./provider_context.ts";

/** Finds or makes a plan version's product and prices (and the meters that they need). */
export async function ensurePlan(
  context: ProviderContext,
  meters: MeterCatalog,
  plan: PlanVersion,
): Promise<ProvisionedPlan> {
  const checked = checkPlan(plan);
  if (!checked.ok) throw new ProviderError(checked.error.code, checked.error.detail);
  const { Decimal } = (await import("stripe")).default;
  const productId = await ensureProduct(context, plan);
  const parts: readonly (PlanMeter | null)[] = [
    ...(plan.baseFee > 0n ? [null] : []),
    ...plan.meters,
  ];
  const prices = [];
  for (const meter of parts) {
    const priceId = await ensurePrice(context, meters, {
      plan,
      meter,
      productId,
      decimal: (text) => Decimal.from(text),
    });
    prices.push({ meter: meter?.meter ?? null, priceId });
  }
  return { planRevision: plan.planRevision, productId, prices, interval: plan.interval };
}

/** One product per plan, under an id of our own: it can't exist twice. */
async function ensureProduct({ client }: ProviderContext, plan: PlanVersion): Promise<string> {
  const stripe = await client();
  const id = `clawmeter_${plan.planId}`;
  const product = await createOnce({
    key: `clawmeter:product:${plan.planId}`,
    find: async () => {
      try {
        return await stripe.products.retrieve(id);
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    create: (idempotencyKey) =>
      stripe.products.create({
        id,
        name: plan.name,
        ...(plan.description === "" ? {} : { description: plan.description }),
      }, { idempotencyKey }),
  });
  return product.id;
}

interface PriceSpec {
  readonly plan: PlanVersion;
  /** `null` is the base fee. */
  readonly meter: PlanMeter | null;
  readonly productId: string;
  readonly decimal: DecimalMaker;
}

/** Recognised by its lookup key, unique in the account; a price of other terms is not accepted. */
async function ensurePrice(
  context: ProviderContext,
  meters: MeterCatalog,
  spec: PriceSpec,
): Promise<string> {
  const { plan, meter } = spec;
  const stripe = await context.client();
  const lookupKey = lookupKeyOf(plan, meter?.meter ?? null);
  const digest = await sha256Hex(shapeText(plan, meter));
  const recurring = await recurringOf(context, meters, spec);
  const price = await createOnce({
    key: `clawmeter:price:${digest.slice(0, 16)}:${lookupKey}`.slice(0, 250),
    find: async () => (await stripe.prices.list({ lookup_keys: [lookupKey] })).data[0] ?? null,
    create: (idempotencyKey) =>
      stripe.prices.create({
        product: spec.productId,
        currency: plan.currency,
        nickname: meter?.meter ?? plan.name,
        lookup_key: lookupKey,
        recurring,
        ...shapeOf(spec),
        metadata: {
          [TAG.plan]: plan.planRevision,
          [TAG.digest]: digest,
          ...(meter === null ? {} : { [TAG.meter]: meter.meter }),
        },
      }, {
        idempotencyKey,
        ...(isLegacy(context, meter) ? { apiVersion: LEGACY_API_VERSION } : {}),
      }),
  });
  if (price.metadata[TAG.digest] !== digest) {
    throw new ProviderError(
      "price_differs",
      `Stripe's price ${price.id} has the lookup key ${lookupKey} and other terms than the plan ` +
        "version; plan versions never change, so publish a new one",
    );
  }
  return price.id;
}

function shapeOf({ plan, meter, decimal }: PriceSpec): PriceShape {
  return meter === null ? perUnit(plan.baseFee, decimal) : priceShape(meter, decimal);
}

async function recurringOf(
  context: ProviderContext,
  meters: MeterCatalog,
  { plan, meter }: PriceSpec,
): Promise<Stripe.PriceCreateParams.Recurring> {
  const { interval } = plan;
  if (meter === null) return { interval, usage_type: "licensed" };
  if (isLegacy(context, meter)) return { interval, usage_type: "metered" };
  const { stripeMeterId } = await meters.ensureMeter({
    eventName: meterEventName(meter.meter),
    displayName: meterLabel(meter.meter),
  });
  return { interval, usage_type: "metered", meter: stripeMeterId };
}

function isLegacy({ meterMode }: ProviderContext, meter: PlanMeter | null): boolean {
  return meter !== null && meterMode === "usage_records";
}
