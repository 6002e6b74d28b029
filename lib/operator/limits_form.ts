import type { PlanVersion, Quota } from "@/lib/domain/plan.ts";
import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import { parseOptionalCount, parseSignedUnits } from "./parse_amounts.ts";

type Overrides = Tenant["overrides"];

/** What the fields of one form hold, by name. */
export type FormFields = Readonly<Record<string, string>>;

const FEATURE = /^[a-z][a-z0-9_]*(:[a-z0-9_]+)*$/;
const MAX_FEATURE = 60;

/** The fields of a tenant's exceptions; what the plan says is empty. */
export function limitFields(overrides: Overrides, plan: PlanVersion): FormFields {
  const { requestsPerSecond, burst, quotas = {} } = overrides;
  const fields: Record<string, string> = {
    requestsPerSecond: String(requestsPerSecond ?? ""),
    burst: String(burst ?? ""),
  };
  for (const { meter, quota } of plan.meters) {
    const own = quotas[meter];
    fields[`quota-${meter}`] = String(own?.units ?? "");
    fields[`enforcement-${meter}`] = own?.enforcement ?? quota?.enforcement ?? "hard";
  }
  return fields;
}

/** On, off or as in the plan, for each feature of the plan and each exception. */
export function featureFields(overrides: Overrides, plan: PlanVersion): FormFields {
  const own = overrides.features ?? {};
  const names = [...new Set([...plan.features, ...Object.keys(own)])].sort();
  return Object.fromEntries(names.map((name) => [
    `feature-${name}`,
    Object.hasOwn(own, name) ? own[name] === true ? "on" : "off" : "",
  ]));
}

/** `fields` with what was typed into them, and typed features that are new. */
export function typedFields(fields: FormFields, form: URLSearchParams): FormFields {
  const typed: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) typed[name] = form.get(name) ?? value;
  return form.has("more") ? { ...typed, more: text(form, "more") } : typed;
}

/**
 * Rate, burst and quotas as the form says; features stay. Refused as `invalid_limits`, every fault in
 * `errors` with the field's name as its pointer.
 */
export function parseLimits(
  form: URLSearchParams,
  { tenant, plan }: { readonly tenant: Tenant; readonly plan: PlanVersion },
): Result<Overrides> {
  const faults: Refusal[] = [];
  const count = (name: string): number | undefined => {
    const parsed = parseOptionalCount(text(form, name));
    if (parsed.ok) return parsed.value;
    faults.push({ ...parsed.error, pointer: `/${name}` });
    return undefined;
  };
  const requestsPerSecond = count("requestsPerSecond");
  const burst = count("burst");
  const quotas: Record<string, Quota> = {};
  for (const { meter } of plan.meters) {
    const typed = text(form, `quota-${meter}`);
    if (typed === "") continue;
    const units = parseSignedUnits(typed);
    if (units.ok && units.value >= 0n) {
      const enforcement = form.get(`enforcement-${meter}`) === "soft" ? "soft" : "hard";
      quotas[meter] = { units: units.value, enforcement };
    } else {
      const detail = "A quota is a whole number of units, zero or more";
      faults.push({ code: "invalid_limits", detail, pointer: `/quota-${meter}` });
    }
  }
  if (faults.length > 0) {
    return refuse({ code: "invalid_limits", detail: "Look at the marked fields", errors: faults });
  }
  const { features } = tenant.overrides;
  return accept({
    ...(requestsPerSecond === undefined ? {} : { requestsPerSecond }),
    ...(burst === undefined ? {} : { burst }),
    ...(features === undefined ? {} : { features }),
    ...(Object.keys(quotas).length === 0 ? {} : { quotas }),
  });
}

/** Feature exceptions as the form says; limits stay. Error: `invalid_limits`. */
export function parseFeatures(
  form: URLSearchParams,
  { overrides }: Pick<Tenant, "overrides">,
): Result<Overrides> {
  const features: Record<string, boolean> = {};
  for (const [name, value] of form) {
    if (!name.startsWith("feature-") || (value !== "on" && value !== "off")) continue;
    features[name.slice("feature-".length)] = value === "on";
  }
  const more = text(form, "more");
  if (more !== "") features[more] = true;
  const wrong = Object.keys(features).find((name) =>
    !FEATURE.test(name) || name.length > MAX_FEATURE
  );
  if (wrong !== undefined) {
    const detail = `${JSON.stringify(wrong)} is not a feature word such as batch or events:write`;
    return refuse({ code: "invalid_limits", detail, pointer: "/more" });
  }
  const { features: _, ...rest } = overrides;
  return accept(Object.keys(features).length === 0 ? rest : { ...rest, features });
}

function text(form: URLSearchParams, name: string): string {
  return (form.get(name) ?? "").trim();
}
