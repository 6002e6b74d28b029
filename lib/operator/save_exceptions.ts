import type { ExceptionsForm, TenantLimitsModel } from "@/components/operator/TenantLimitsPage.tsx";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Refusal } from "@/lib/domain/result.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import { fieldErrors } from "@/lib/portal/form_errors.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { changeOverrides, type TenantsDeps } from "@/lib/tenancy/tenants.ts";
import {
  featureFields,
  type FormFields,
  limitFields,
  parseFeatures,
  parseLimits,
  typedFields,
} from "./limits_form.ts";

interface Terms {
  readonly tenant: Versioned<Tenant>;
  readonly plan: PlanVersion;
}

type Saved =
  | { readonly kind: "saved"; readonly flash: "limits_saved" | "features_saved" }
  | { readonly kind: "again"; readonly model: TenantLimitsModel };

/** Both forms of a tenant's exceptions as they are stored. */
export function exceptionsModel({ tenant, plan }: Terms): TenantLimitsModel {
  const { value: { tenantId, overrides }, versionstamp } = tenant;
  const form = (stored: FormFields): ExceptionsForm => ({ stored, typed: stored, errors: {} });
  return {
    tenantId,
    plan,
    versionstamp,
    limits: form(limitFields(overrides, plan)),
    features: form(featureFields(overrides, plan)),
    conflict: false,
  };
}

/**
 * Saves the form that was sent, or hands it back with what was typed: beside its faults, or beside
 * what somebody else saved meanwhile. A form that is sent twice is saved once and says so twice.
 */
export async function saveExceptions(
  terms: Terms,
  { form, deps, act }: {
    readonly form: URLSearchParams;
    readonly deps: TenantsDeps;
    readonly act: Act;
  },
): Promise<Saved> {
  const isLimits = form.get("act") === "limits";
  const flash = isLimits ? "limits_saved" : "features_saved";
  const { tenantId } = terms.tenant.value;
  const parsed = isLimits
    ? parseLimits(form, { tenant: terms.tenant.value, plan: terms.plan })
    : parseFeatures(form, terms.tenant.value);
  const again = (now: Terms, { errors = {}, conflict = false }: {
    readonly errors?: Readonly<Record<string, string>>;
    readonly conflict?: boolean;
  }): Saved => {
    const model = exceptionsModel(now);
    const part = isLimits ? "limits" : "features";
    const typed = typedFields(model[part].stored, form);
    return {
      kind: "again",
      model: { ...model, conflict, [part]: { ...model[part], typed, errors } },
    };
  };
  if (!parsed.ok) return again(terms, { errors: fieldErrors(parsed.error) });
  const versionstamp = form.get("versionstamp") ?? "";
  const edit = { tenantId, versionstamp, overrides: parsed.value };
  const changed = await changeOverrides(edit, { deps, act });
  if (changed.ok) return { kind: "saved", flash };
  if (changed.error.code !== "conflict") {
    return again(terms, { errors: fieldErrors(namedLikeFields(changed.error)) });
  }
  const now = await deps.tenants.tenant(tenantId) ?? terms.tenant;
  const fieldsOf = isLimits ? limitFields : featureFields;
  const stored = fieldsOf(now.value.overrides, terms.plan);
  const wanted = fieldsOf(parsed.value, terms.plan);
  if (JSON.stringify(stored) === JSON.stringify(wanted)) return { kind: "saved", flash };
  return again({ ...terms, tenant: now }, { conflict: true });
}

/** A use case points to `/quotas/risk_score`, the form's field is `quota-risk_score`. */
function namedLikeFields(refusal: Refusal): Refusal {
  const { pointer } = refusal;
  return pointer === undefined
    ? refusal
    : { ...refusal, pointer: pointer.replace(/^\/quotas\//, "/quota-") };
}
