import { HttpError, page } from "fresh";
import { type NewTenantModel, NewTenantPage } from "@/components/operator/TenantsPage.tsx";
import { tenantPath } from "@/components/operator/TenantLink.tsx";
import { parseEmail } from "@/lib/auth/email.ts";
import { fieldErrors } from "@/lib/portal/form_errors.ts";
import { newestPublished } from "@/lib/portal/load_plan.ts";
import { addMember } from "@/lib/tenancy/members.ts";
import { createTenant } from "@/lib/tenancy/tenants.ts";
import { define, done, field } from "../../../(_shared)/operator_state.ts";
import { askForProof } from "../../../(_shared)/step_up.ts";

const NEW_ID = /^ten_\w{10,60}$/;

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "New tenant";
    const plans = newestPublished(await ctx.state.services.plans.plans());
    const tenantId = ctx.state.services.ids.next("ten");
    const draft = { tenantId, name: "", email: "", plan: "", timeZone: "UTC", locale: "en" };
    return page<NewTenantModel>({ plans, draft, errors: {} });
  },
  async POST(ctx) {
    ctx.state.title = "New tenant";
    const { services, visit } = ctx.state;
    const draft = {
      tenantId: field(ctx, "tenantId"),
      name: field(ctx, "name"),
      email: field(ctx, "email"),
      plan: field(ctx, "plan"),
      timeZone: field(ctx, "timeZone"),
      locale: field(ctx, "locale"),
    };
    const again = async (errors: NewTenantModel["errors"]) => {
      const plans = newestPublished(await services.plans.plans());
      return page<NewTenantModel>({ plans, draft, errors }, { status: 422 });
    };
    if (!NEW_ID.test(draft.tenantId)) throw new HttpError(400);
    const proof = await askForProof(ctx);
    if (proof !== null) return proof;
    const email = parseEmail(draft.email);
    if (!email.ok) return await again({ email: email.error.detail });
    const created = await createTenant(
      { ...draft, planRevision: draft.plan },
      { deps: services, act: visit.act },
    );
    // The page made the id, so a form that is sent twice makes one tenant.
    const isAgain = !created.ok && created.error.code === "tenant_exists";
    if (!created.ok && !isAgain) return await again(fieldErrors(created.error));
    const { tenantId } = draft;
    // A first try may have died between the tenant and its owner.
    if ((await services.members.members(tenantId)).length === 0) {
      const deps = { ...services, sessions: services.portal.sessionStore };
      await addMember(
        { tenantId, email: email.value, name: email.value, role: "owner" },
        { deps, act: visit.act },
      );
    }
    return done(tenantPath(tenantId), "tenant_created");
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <NewTenantPage frame={state.visit.frame} model={data} />
));
