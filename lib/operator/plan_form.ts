import type {
  MeterDraft,
  PlanDraft,
  TierDraft,
} from "@/components/operator/plan_editor/plan_draft.ts";
import { type PlanDefinition, toPlanDefinition } from "@/lib/catalog/plan_definition.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Refusal } from "@/lib/domain/result.ts";

/** What a button of the editor asks for, beside the fields. */
export type EditorAct =
  | { readonly kind: "save" | "refresh" | "add_meter" }
  | { readonly kind: "add_tier" | "drop_meter"; readonly meter: number }
  | { readonly kind: "drop_tier"; readonly meter: number; readonly tier: number };

const MAX_METERS = 20;
const MAX_TIERS = 100;

export const NEW_TIER: TierDraft = { upTo: "", unitAmount: "0", flatAmount: "0" };

export const NEW_METER: MeterDraft = {
  meter: "",
  model: "per_unit",
  unitAmount: "0",
  amount: "0",
  packageUnits: "100",
  packageAmount: "0",
  includedUnits: "0",
  quotaUnits: "",
  enforcement: "hard",
  tiers: [NEW_TIER],
};

export const NEW_PLAN: PlanDraft = {
  planId: "",
  name: "",
  description: "",
  currency: "usd",
  interval: "month",
  baseFee: "0",
  minimumCommitment: "0",
  requestsPerSecond: "50",
  burst: "100",
  graceDays: "14",
  features: "",
  meters: [],
};

/** The editor's fields for a version's terms. */
export function draftOf(plan: PlanVersion): PlanDraft {
  const terms = toPlanDefinition(plan);
  return {
    planId: terms.plan_id,
    name: terms.name,
    description: terms.description ?? "",
    currency: terms.currency,
    interval: terms.interval,
    baseFee: terms.base_fee ?? "0",
    minimumCommitment: terms.minimum_commitment ?? "0",
    requestsPerSecond: String(terms.limits.requests_per_second),
    burst: String(terms.limits.burst),
    graceDays: String(terms.grace_days),
    features: (terms.features ?? []).join("\n"),
    meters: (terms.meters ?? []).map(meterDraftOf),
  };
}

type MeterTerms = NonNullable<PlanDefinition["meters"]>[number];

function meterDraftOf({ meter, included_units, price, quota }: MeterTerms): MeterDraft {
  const base: MeterDraft = {
    ...NEW_METER,
    meter,
    model: price.model,
    includedUnits: String(included_units ?? 0),
    quotaUnits: quota === null || quota === undefined ? "" : String(quota.units),
    enforcement: quota?.enforcement ?? "hard",
  };
  switch (price.model) {
    case "per_unit":
      return { ...base, unitAmount: price.unit_amount };
    case "flat":
      return { ...base, amount: price.amount };
    case "package":
      return {
        ...base,
        packageUnits: String(price.package_units),
        packageAmount: price.package_amount,
      };
    case "graduated":
    case "volume":
      return {
        ...base,
        tiers: price.tiers.map((tier) => ({
          upTo: tier.up_to === null ? "" : String(tier.up_to),
          unitAmount: tier.unit_amount ?? "0",
          flatAmount: tier.flat_amount ?? "0",
        })),
      };
  }
}

/** What was typed; indexes that the form skips end a list. */
export function readDraft(form: URLSearchParams): PlanDraft {
  const text = (name: string) => (form.get(name) ?? "").trim();
  const meters: MeterDraft[] = [];
  for (let at = 0; at < MAX_METERS && form.has(`m${at}-meter`); at++) {
    meters.push(readMeter(form, `m${at}`));
  }
  return {
    planId: text("planId"),
    name: text("name"),
    description: text("description"),
    currency: text("currency").toLowerCase(),
    interval: text("interval") === "year" ? "year" : "month",
    baseFee: text("baseFee"),
    minimumCommitment: text("minimumCommitment"),
    requestsPerSecond: text("requestsPerSecond"),
    burst: text("burst"),
    graceDays: text("graceDays"),
    features: text("features"),
    meters,
  };
}

function readMeter(form: URLSearchParams, prefix: string): MeterDraft {
  const text = (name: string, fallback: string) =>
    (form.get(`${prefix}-${name}`) ?? fallback).trim();
  const tiers: TierDraft[] = [];
  for (let at = 0; at < MAX_TIERS && form.has(`${prefix}-t${at}-unit`); at++) {
    tiers.push({
      upTo: bare(text(`t${at}-upTo`, "")),
      unitAmount: text(`t${at}-unit`, "0"),
      flatAmount: text(`t${at}-flat`, "0"),
    });
  }
  return {
    meter: text("meter", ""),
    model: modelOf(text("model", "")),
    unitAmount: text("unit", "0"),
    amount: text("amount", "0"),
    packageUnits: bare(text("packageUnits", "100")),
    packageAmount: text("packageAmount", "0"),
    includedUnits: bare(text("included", "0")),
    quotaUnits: bare(text("quota", "")),
    enforcement: text("enforcement", "") === "soft" ? "soft" : "hard",
    tiers: tiers.length === 0 ? [NEW_TIER] : tiers,
  };
}

/** `1,000` and `1 000` as people type them. */
function bare(count: string): string {
  return count.replaceAll(/[,_\s]/g, "");
}

function modelOf(text: string): MeterDraft["model"] {
  const models = ["graduated", "volume", "package", "flat"] as const;
  return models.find((model) => model === text) ?? "per_unit";
}

export function readAct(form: URLSearchParams): EditorAct {
  const [kind, meter, tier] = (form.get("do") ?? "").split(":");
  const at = Number(meter);
  if (kind === "add_meter" || kind === "refresh") return { kind };
  if (kind === "add_tier" || kind === "drop_meter") return { kind, meter: at };
  if (kind === "drop_tier") return { kind, meter: at, tier: Number(tier) };
  return { kind: "save" };
}

/**
 * The draft after a button was pressed: ladders come out rising, with the last tier open. What is
 * saved is judged as it was typed, since a bound that moves by itself is another price.
 */
export function applyAct(draft: PlanDraft, act: EditorAct): PlanDraft {
  const changed = (at: number, change: (meter: MeterDraft) => MeterDraft) =>
    draft.meters.map((meter, index) => index === at ? change(meter) : meter);
  switch (act.kind) {
    case "save":
      return draft;
    case "refresh":
      return { ...draft, meters: draft.meters.map(settleLadder) };
    case "add_meter":
      return { ...draft, meters: [...draft.meters, NEW_METER] };
    case "drop_meter":
      return { ...draft, meters: draft.meters.filter((_, at) => at !== act.meter) };
    case "add_tier":
      return { ...draft, meters: changed(act.meter, addTier) };
    case "drop_tier":
      return {
        ...draft,
        meters: changed(
          act.meter,
          (meter) =>
            settleLadder({ ...meter, tiers: meter.tiers.filter((_, at) => at !== act.tier) }),
        ),
      };
  }
}

/** The open last rung is cut where it would double, and goes on above the cut. */
function addTier(meter: MeterDraft): MeterDraft {
  const settled = settleLadder(meter);
  const last = settled.tiers.at(-1) ?? NEW_TIER;
  const below = Number(settled.tiers.at(-2)?.upTo ?? "500") || 500;
  return settleLadder({
    ...settled,
    tiers: [...settled.tiers.slice(0, -1), { ...last, upTo: String(below * 2) }, {
      ...last,
      upTo: "",
    }],
  });
}

/**
 * A ladder that can be billed: each bound above the one before it, raised to it where it is not, and
 * the last one open. Never fewer than one tier.
 */
export function settleLadder(meter: MeterDraft): MeterDraft {
  const tiers = meter.tiers.length === 0 ? [NEW_TIER] : meter.tiers;
  let reached = 0n;
  return {
    ...meter,
    tiers: tiers.map((tier, at) => {
      if (at === tiers.length - 1) return { ...tier, upTo: "" };
      const typed = /^\d{1,15}$/.test(tier.upTo) ? BigInt(tier.upTo) : 0n;
      reached = typed > reached ? typed : reached + 1n;
      return { ...tier, upTo: String(reached) };
    }),
  };
}

const COUNT = /^\d{1,15}$/;

/** Fields that must be whole numbers and are not, each with its pointer into the definition. */
export function countFaults(draft: PlanDraft): readonly Refusal[] {
  const fields: (readonly [pointer: string, text: string])[] = [
    ["/limits/burst", draft.burst],
    ["/grace_days", draft.graceDays],
    ...draft.meters.flatMap((meter, at): (readonly [string, string])[] => [
      [`/meters/${at}/included_units`, meter.includedUnits],
      ...meter.quotaUnits === "" ? [] : [[`/meters/${at}/quota/units`, meter.quotaUnits] as const],
      ...meter.model === "package"
        ? [[`/meters/${at}/price/package_units`, meter.packageUnits] as const]
        : [],
      ...meter.model === "graduated" || meter.model === "volume"
        ? meter.tiers.flatMap(({ upTo }, tier) =>
          upTo === "" ? [] : [[`/meters/${at}/price/tiers/${tier}/up_to`, upTo] as const]
        )
        : [],
    ]),
  ];
  const faults = fields.flatMap(([pointer, text]) =>
    COUNT.test(text) ? [] : [{ code: "invalid_field", detail: "A whole number, no sign", pointer }]
  );
  if (/^\d{1,7}(\.\d{1,6})?$/.test(draft.requestsPerSecond)) return faults;
  const detail = "A number such as 50 or 0.5";
  return [{ code: "invalid_field", detail, pointer: "/limits/requests_per_second" }, ...faults];
}

/** As `parsePlanDefinition` reads it; it judges every value, and the ladders again. */
export function definitionOf(draft: PlanDraft): unknown {
  return {
    plan_id: draft.planId,
    name: draft.name,
    description: draft.description,
    currency: draft.currency,
    interval: draft.interval,
    base_fee: draft.baseFee,
    minimum_commitment: draft.minimumCommitment,
    meters: draft.meters.map((meter) => ({
      meter: meter.meter,
      included_units: Number(meter.includedUnits),
      price: priceOf(meter),
      quota: meter.quotaUnits === ""
        ? null
        : { units: Number(meter.quotaUnits), enforcement: meter.enforcement },
    })),
    features: draft.features.split(/\s+/).filter((word) => word !== ""),
    limits: {
      requests_per_second: Number(draft.requestsPerSecond),
      burst: Number(draft.burst),
    },
    grace_days: Number(draft.graceDays),
  };
}

function priceOf(meter: MeterDraft) {
  switch (meter.model) {
    case "per_unit":
      return { model: meter.model, unit_amount: meter.unitAmount };
    case "flat":
      return { model: meter.model, amount: meter.amount };
    case "package":
      return {
        model: meter.model,
        package_units: Number(meter.packageUnits),
        package_amount: meter.packageAmount,
      };
    case "graduated":
    case "volume":
      return {
        model: meter.model,
        tiers: meter.tiers.map(({ upTo, unitAmount, flatAmount }) => ({
          up_to: upTo === "" ? null : Number(upTo),
          unit_amount: unitAmount,
          flat_amount: flatAmount,
        })),
      };
  }
}
