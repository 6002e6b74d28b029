import { HttpError, page } from "fresh";
import { tenantPath } from "@/components/operator/TenantLink.tsx";
import { TenantStatusPage } from "@/components/operator/TenantStatusPage.tsx";
import { closeTenant } from "@/lib/billing/close_tenant.ts";
import { provisionTenant } from "@/lib/billing/provision_tenant.ts";
import type { TenantStatus } from "@/lib/domain/tenant.ts";
import { changeStatus } from "@/lib/tenancy/tenants.ts";
import { define, done, doneIf, field, isConfirmed } from "../../../../(_shared)/operator_state.ts";
import { askForProof } from "../../../../(_shared)/step_up.ts";
import { tenantOf } from "../../../../(_shared)/tenant_of.ts";

const DAY_MS = 86_400_000;

export const handler = define.handlers({
  async GET(ctx) {
    const { tenant: { value: tenant, versionstamp }, plan, head } = await tenantOf(ctx);
    return page({ head, model: { tenant, versionstamp, graceDays: plan.graceDays } });
  },
  async POST(ctx) {
    const { tenantId, plan } = await tenantOf(ctx);
    const { services, visit: { act } } = ctx.state;
    const path = tenantPath(tenantId, "status");
    switch (field(ctx, "act")) {
      case "close": {
        if (!isConfirmed(ctx, tenantId)) return done(path, "not_confirmed");
        const proof = await askForProof(ctx);
        if (proof !== null) return proof;
        const closed = await closeTenant(services.billing, { tenantId, act });
        return doneIf(closed, { path, flash: "tenant_ended" });
      }
      case "provision": {
        const email = field(ctx, "email") || null;
        const made = await provisionTenant(services.billing, { tenantId, email });
        return doneIf(made, { path, flash: "provisioned" });
      }
      case "status": {
        const status = statusOf(field(ctx, "status"));
        const graceUntilMs = services.clock.nowMs() + plan.graceDays * DAY_MS;
        const edit = { tenantId, versionstamp: field(ctx, "versionstamp"), status, graceUntilMs };
        const changed = await changeStatus(edit, { deps: services, act });
        // A form that is sent twice finds its own doing.
        const now = changed.ok ? null : await services.tenants.tenant(tenantId);
        if (now?.value.status === status) return done(path, "status_changed");
        return doneIf(changed, { path, flash: "status_changed" });
      }
      default:
        throw new HttpError(400);
    }
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <TenantStatusPage frame={state.visit.frame} {...data} />
));

function statusOf(text: string): Exclude<TenantStatus, "closed"> {
  if (text === "active" || text === "past_due" || text === "suspended") return text;
  throw new HttpError(400);
}
