import { z } from "zod";
import { currencyCodes, isCurrency } from "@/lib/domain/currency.ts";
import { isMeterName } from "@/lib/domain/meter.ts";
import { formatDecimal, parseMoney } from "@/lib/domain/money.ts";
import type { PlanMeter, PlanVersion, Price, Tier } from "@/lib/domain/plan.ts";
import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";
import { MAX_TIERS, MAX_UNITS, parseLadder } from "@/lib/domain/tiers.ts";

/** The terms of a plan, without the identity and status that a version adds. */
export type PlanTerms = Omit<
  PlanVersion,
  "revision" | "planRevision" | "status" | "createdAtMs"
>;

const MAX_METERS = 20;
const MAX_FEATURES = 100;
/** Over all meters: a version and its audit row each have to fit into one stored value. */
const MAX_TIERS_IN_PLAN = 200;

const money = z.string().max(40);
const units = z.int().min(0).max(Number(MAX_UNITS));
const word = z.string().regex(/^[a-z][a-z0-9_]*(:[a-z0-9_]+)*$/).max(60);

const tierSchema = z.strictObject({
  up_to: units.nullable(),
  unit_amount: money.optional(),
  flat_amount: money.optional(),
}).refine((tier) => tier.unit_amount !== undefined || tier.flat_amount !== undefined, {
  error: "A tier needs a unit_amount, a flat_amount or both",
});

const tiersSchema = z.array(tierSchema).min(1).max(MAX_TIERS);

const priceSchema = z.discriminatedUnion("model", [
  z.strictObject({ model: z.literal("per_unit"), unit_amount: money }),
  z.strictObject({ model: z.literal("graduated"), tiers: tiersSchema }),
  z.strictObject({ model: z.literal("volume"), tiers: tiersSchema }),
  z.strictObject({
    model: z.literal("package"),
    package_units: units.min(1),
    package_amount: money,
  }),
  z.strictObject({ model: z.literal("flat"), amount: money }),
]);

const meterSchema = z.strictObject({
  meter: z.string().refine(isMeterName, { error: "Not a meter name such as risk_score" }),
  included_units: units.default(0),
  price: priceSchema,
  quota: z.strictObject({
    units: units.min(1),
    enforcement: z.enum(["soft", "hard"]),
  }).nullable().default(null),
});

const planSchema = z.strictObject({
  plan_id: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/),
  name: z.string().trim().min(1).max(80),
  description: z.string().trim().max(500).default(""),
  currency: z.string().refine(isCurrency, {
    error: () => `Unknown currency; known are ${currencyCodes().join(", ")}`,
  }),
  interval: z.enum(["month", "year"]),
  base_fee: money.default("0"),
  minimum_commitment: money.default("0"),
  meters: z.array(meterSchema).max(MAX_METERS).default([]),
  features: z.array(word).max(MAX_FEATURES).default([]),
  limits: z.strictObject({
    requests_per_second: z.number().positive().max(1_000_000),
    burst: z.int().min(1).max(1_000_000),
  }),
  grace_days: z.int().min(0).max(90).default(14),
});

/** A plan as JSON: money is decimal text in the major unit, units are whole numbers. */
export type PlanDefinition = z.input<typeof planSchema>;
type ParsedPlan = z.output<typeof planSchema>;
type ParsedPrice = ParsedPlan["meters"][number]["price"];

/**
 * Reads the terms of one plan. Strict: an unknown field is refused. `meters` are the meters that
 * exist. Refused as `invalid_plan`, every fault in `errors` with its JSON Pointer.
 */
export function parsePlanDefinition(
  input: unknown,
  meters: ReadonlySet<string>,
): Result<PlanTerms> {
  const shape = planSchema.safeParse(input);
  if (!shape.success) return invalidPlan(shape.error.issues.map(issueFault));
  const faults: Refusal[] = [];
  const terms = toTerms(shape.data, faults);
  faults.push(
    ...meterFaults(shape.data, meters),
    ...duplicateFaults(shape.data),
    ...sizeFaults(shape.data),
  );
  return faults.length > 0 ? invalidPlan(faults) : accept(terms);
}

/** The inverse of `parsePlanDefinition`, in canonical order; equal terms give equal JSON text. */
export function toPlanDefinition(plan: PlanTerms): PlanDefinition {
  const text = (amount: bigint) => formatDecimal(amount, plan.currency);
  return {
    plan_id: plan.planId,
    name: plan.name,
    description: plan.description,
    currency: plan.currency,
    interval: plan.interval,
    base_fee: text(plan.baseFee),
    minimum_commitment: text(plan.minimumCommitment),
    meters: plan.meters.map(({ meter, price, includedUnits, quota }) => ({
      meter,
      included_units: Number(includedUnits),
      price: priceDefinition(price, text),
      quota: quota === null ? null : { units: Number(quota.units), enforcement: quota.enforcement },
    })),
    features: [...plan.features],
    limits: {
      requests_per_second: plan.limits.requestsPerSecond,
      burst: plan.limits.burst,
    },
    grace_days: plan.graceDays,
  };
}

function toTerms(plan: ParsedPlan, faults: Refusal[]): PlanTerms {
  const amount = (text: string, pointer: string): bigint => {
    const parsed = parseMoney(text, plan.currency);
    if (parsed.ok) return parsed.value;
    faults.push({ ...parsed.error, pointer });
    return 0n;
  };
  return {
    planId: plan.plan_id,
    name: plan.name,
    description: plan.description,
    currency: plan.currency,
    interval: plan.interval,
    baseFee: amount(plan.base_fee, "/base_fee"),
    minimumCommitment: amount(plan.minimum_commitment, "/minimum_commitment"),
    meters: plan.meters.flatMap((meter, at): PlanMeter[] => {
      const price = toPrice(meter.price, { pointer: `/meters/${at}/price`, amount, faults });
      if (price === null) return [];
      return [{
        meter: meter.meter,
        price,
        includedUnits: BigInt(meter.included_units),
        quota: meter.quota === null ? null : {
          units: BigInt(meter.quota.units),
          enforcement: meter.quota.enforcement,
        },
      }];
    }),
    features: plan.features,
    limits: {
      requestsPerSecond: plan.limits.requests_per_second,
      burst: plan.limits.burst,
    },
    graceDays: plan.grace_days,
  };
}

interface PriceContext {
  readonly pointer: string;
  readonly amount: (text: string, pointer: string) => bigint;
  readonly faults: Refusal[];
}

function toPrice(price: ParsedPrice, { pointer, amount, faults }: PriceContext): Price | null {
  switch (price.model) {
    case "per_unit":
      return { model: "per_unit", unitAmount: amount(price.unit_amount, `${pointer}/unit_amount`) };
    case "flat":
      return { model: "flat", amount: amount(price.amount, `${pointer}/amount`) };
    case "package":
      return {
        model: "package",
        packageUnits: BigInt(price.package_units),
        packageAmount: amount(price.package_amount, `${pointer}/package_amount`),
      };
    case "graduated":
    case "volume": {
      const tiers = price.tiers.map((tier, at): Tier => ({
        upTo: tier.up_to === null ? null : BigInt(tier.up_to),
        unitAmount: amount(tier.unit_amount ?? "0", `${pointer}/tiers/${at}/unit_amount`),
        flatAmount: amount(tier.flat_amount ?? "0", `${pointer}/tiers/${at}/flat_amount`),
      }));
      const ladder = parseLadder(tiers);
      if (ladder.ok) return { model: price.model, tiers: ladder.value };
      for (const fault of ladder.error.errors ?? []) {
        faults.push({ ...fault, pointer: `${pointer}/tiers${fault.pointer ?? ""}` });
      }
      return null;
    }
  }
}

function meterFaults(plan: ParsedPlan, meters: ReadonlySet<string>): readonly Refusal[] {
  return plan.meters.flatMap(({ meter, included_units, price }, at) => [
    ...(meters.has(meter) ? [] : [{
      code: "unknown_meter",
      detail: `There is no meter ${JSON.stringify(meter)}; known are ${[...meters].join(", ")}`,
      pointer: `/meters/${at}/meter`,
    }]),
    ...(included_units === 0 || price.model === "per_unit" || price.model === "graduated" ? [] : [{
      code: "included_units_not_billable",
      detail: `Stripe can't give included units under ${price.model} pricing; use graduated or ` +
        "per_unit, or make the first tier free",
      pointer: `/meters/${at}/included_units`,
    }]),
  ]);
}

function sizeFaults(plan: ParsedPlan): readonly Refusal[] {
  const tiers = plan.meters.reduce(
    (sum, { price }) => sum + ("tiers" in price ? price.tiers.length : 0),
    0,
  );
  if (tiers <= MAX_TIERS_IN_PLAN) return [];
  const detail = `A plan has at most ${MAX_TIERS_IN_PLAN} tiers over all meters, this has ${tiers}`;
  return [{ code: "plan_too_large", detail, pointer: "/meters" }];
}

function duplicateFaults(plan: ParsedPlan): readonly Refusal[] {
  const names = plan.meters.map(({ meter }) => meter);
  return names.flatMap((meter, at) =>
    names.indexOf(meter) === at ? [] : [{
      code: "duplicate_meter",
      detail: `${meter} is priced twice`,
      pointer: `/meters/${at}/meter`,
    }]
  );
}

function priceDefinition(
  price: Price,
  text: (amount: bigint) => string,
): z.input<typeof priceSchema> {
  switch (price.model) {
    case "per_unit":
      return { model: "per_unit", unit_amount: text(price.unitAmount) };
    case "flat":
      return { model: "flat", amount: text(price.amount) };
    case "package":
      return {
        model: "package",
        package_units: Number(price.packageUnits),
        package_amount: text(price.packageAmount),
      };
    case "graduated":
    case "volume":
      return {
        model: price.model,
        tiers: price.tiers.map((tier) => ({
          up_to: tier.upTo === null ? null : Number(tier.upTo),
          unit_amount: text(tier.unitAmount),
          flat_amount: text(tier.flatAmount),
        })),
      };
  }
}

function invalidPlan(errors: readonly Refusal[]): Result<never> {
  return refuse({
    code: "invalid_plan",
    detail: errors[0]?.detail ?? "The plan is not valid",
    errors,
  });
}

function issueFault(issue: z.core.$ZodIssue): Refusal {
  const pointer = issue.path.map((step) =>
    `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`
  ).join("");
  return { code: "invalid_field", detail: issue.message, pointer };
}
