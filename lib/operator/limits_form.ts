import type { PlanVersion, Quota } from "@/lib/domain/plan.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import { parseOptionalCount, parseSignedUnits } from "./parse_amounts.ts";

type Overrides = Tenant["overrides"];

const FEATURE = /^[a-z][a-z0-9_]*(:[a-z0-9_]+)*$/;
const MAX_FEATURE = 60;

/** Rate, burst and quotas as the form says; features stay. Errors: `invalid_limits`, `invalid_units`. */
export function parseLimits(
  form: URLSearchParams,
  { tenant, plan }: { readonly tenant: Tenant; readonly plan: PlanVersion },
): Result<Overrides> {
  const requestsPerSecond = parseOptionalCount(text(form, "requestsPerSecond"));
  if (!requestsPerSecond.ok) return requestsPerSecond;
  const burst = parseOptionalCount(text(form, "burst"));
  if (!burst.ok) return burst;
  const quotas: Record<string, Quota> = {};
  for (const { meter } of plan.meters) {
    const typed = text(form, `quota-${meter}`);
    if (typed === "") continue;
    const units = parseSignedUnits(typed);
    if (!units.ok) return units;
    const enforcement = form.get(`enforcement-${meter}`) === "soft" ? "soft" : "hard";
    quotas[meter] = { units: units.value, enforcement };
  }
  const { features } = tenant.overrides;
  return accept({
    ...(requestsPerSecond.value === undefined
      ? {}
      : { requestsPerSecond: requestsPerSecond.value }),
    ...(burst.value === undefined ? {} : { burst: burst.value }),
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
    return refuse({ code: "invalid_limits", detail });
  }
  const { features: _, ...rest } = overrides;
  return accept(Object.keys(features).length === 0 ? rest : { ...rest, features });
}

function text(form: URLSearchParams, name: string): string {
  return (form.get(name) ?? "").trim();
}
