import { page } from "fresh";
import { TenantLimitsPage } from "@/components/operator/TenantLimitsPage.tsx";
import { tenantPath } from "@/components/operator/TenantLink.tsx";
import { parseFeatures, parseLimits } from "@/lib/operator/limits_form.ts";
import { changeOverrides } from "@/lib/tenancy/tenants.ts";
import { define, doneIf, field } from "../../../../(_shared)/operator_state.ts";
import { tenantOf } from "../../../../(_shared)/tenant_of.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { tenant: { value: tenant, versionstamp }, plan, head } = await tenantOf(ctx);
    return page({ head, model: { tenant, plan, versionstamp, error: null } });
  },
  /** Only on the version that the form showed. */
  async POST(ctx) {
    const { tenantId, tenant: { value: tenant, versionstamp }, plan, head } = await tenantOf(ctx);
    const { form, services, visit } = ctx.state;
    const limits = field(ctx, "act") === "limits";
    const overrides = limits ? parseLimits(form, { tenant, plan }) : parseFeatures(form, tenant);
    if (!overrides.ok) {
      const error = overrides.error.detail;
      return page({ head, model: { tenant, plan, versionstamp, error } }, { status: 422 });
    }
    const changed = await changeOverrides(
      { tenantId, versionstamp: field(ctx, "versionstamp"), overrides: overrides.value },
      { deps: services, act: visit.act },
    );
    const path = tenantPath(tenantId, "limits");
    return doneIf(changed, { path, flash: limits ? "limits_saved" : "features_saved" });
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <TenantLimitsPage frame={state.visit.frame} {...data} />
));
