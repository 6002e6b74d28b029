import { HttpError, page } from "fresh";
import { MigratePage } from "@/components/operator/MigratePage.tsx";
import { planPath } from "@/components/operator/plan_path.ts";
import { changePlan } from "@/lib/billing/change_plan.ts";
import { migrateTenants } from "@/lib/catalog/migrate_tenants.ts";
import { seeOther } from "@/lib/http/redirect.ts";
import { loadMigration } from "@/lib/operator/load_migration.ts";
import { define, doneIf, field } from "../../../../(_shared)/operator_state.ts";
import { askForProof } from "../../../../(_shared)/step_up.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Move tenants";
    const from = ctx.url.searchParams.get("from") ?? "";
    const model = await loadMigration(ctx.state.services, {
      planId: ctx.params["plan"] ?? "",
      from,
    });
    if (model === null) throw new HttpError(404);
    // There is nowhere to go from the version that is sold now.
    if (from === model.to.planRevision) return seeOther(planPath(model.planId));
    return page(model);
  },
  /** The page that answers says what became of each; sending it again moves only what is left. */
  async POST(ctx) {
    ctx.state.title = "Move tenants";
    const proof = await askForProof(ctx);
    if (proof !== null) return proof;
    const { form, services, visit: { act } } = ctx.state;
    const moved = await migrateTenants({
      ...services.catalog,
      changePlan: (move) => changePlan(services.billing, move),
    }, {
      planRevision: field(ctx, "to"),
      from: field(ctx, "from"),
      tenantIds: form.getAll("tenant"),
      act,
    });
    if (!moved.ok) {
      const path = planPath(ctx.params["plan"] ?? "");
      return doneIf(moved, { path, flash: "plan_changed" });
    }
    const query = { planId: ctx.params["plan"] ?? "", from: field(ctx, "from") };
    const model = await loadMigration(services, query);
    if (model === null) throw new HttpError(404);
    return page({ ...model, outcomes: moved.value });
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <MigratePage frame={state.visit.frame} model={data} />
));
