import { z } from "zod";
import { isMeterName } from "@/lib/domain/meter.ts";
import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";
import { parsePlanDefinition, type PlanTerms } from "./plan_definition.ts";

/** A whole catalogue as one file: the meters that exist and the plans that price them. */
export interface PlansFile {
  readonly meters: readonly string[];
  readonly plans: readonly PlanTerms[];
}

const MAX_PLANS = 100;

const fileSchema = z.strictObject({
  meters: z.array(z.string().refine(isMeterName, { error: "Not a meter name" })).min(1).max(100),
  plans: z.array(z.unknown()).min(1).max(MAX_PLANS),
});

/** Reads the text of a `plans.json`; refused as `invalid_plans_file` with every fault. */
export function parsePlansFile(text: string): Result<PlansFile> {
  const json = parseJson(text);
  if (!json.ok) return json;
  const shape = fileSchema.safeParse(json.value);
  if (!shape.success) {
    return invalidFile(shape.error.issues.map((issue) => ({
      code: "invalid_field",
      detail: issue.message,
      pointer: issue.path.map((step) => `/${String(step)}`).join(""),
    })));
  }
  const meters = new Set(shape.data.meters);
  const parsed = shape.data.plans.map((plan) => parsePlanDefinition(plan, meters));
  const plans = parsed.flatMap((plan) => plan.ok ? [plan.value] : []);
  const faults = [...parsed.flatMap(planFaults), ...repeatedPlans(plans)];
  return faults.length > 0 ? invalidFile(faults) : accept({ meters: shape.data.meters, plans });
}

function planFaults(plan: Result<PlanTerms>, at: number): readonly Refusal[] {
  if (plan.ok) return [];
  return (plan.error.errors ?? [plan.error]).map((fault) => ({
    ...fault,
    pointer: `/plans/${at}${fault.pointer ?? ""}`,
  }));
}

function repeatedPlans(plans: readonly PlanTerms[]): readonly Refusal[] {
  const ids = plans.map(({ planId }) => planId);
  return ids.flatMap((planId, at) =>
    ids.indexOf(planId) === at
      ? []
      : [{ code: "duplicate_plan", detail: `Plan ${planId} is defined twice` }]
  );
}

function parseJson(text: string): Result<unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return accept(value);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : "Not JSON";
    return invalidFile([{ code: "invalid_json", detail, pointer: "" }]);
  }
}

function invalidFile(errors: readonly Refusal[]): Result<never> {
  const first = errors[0];
  return refuse({
    code: "invalid_plans_file",
    detail: first === undefined ? "Not valid" : `${first.pointer ?? ""}: ${first.detail}`,
    errors,
  });
}
