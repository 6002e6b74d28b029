import { page, type PageProps } from "fresh";
import { type PlanModel, PlanPage } from "@/components/portal/PlanPage.tsx";
import { languageOf } from "@/lib/i18n/messages.ts";
import { meterName } from "@/lib/i18n/meter_name.ts";
import { PriceCalculator } from "@/islands/PriceCalculator.tsx";
import { changePlan } from "@/lib/billing/change_plan.ts";
import { roundToMinor } from "@/lib/domain/money.ts";
import { loadPlan } from "@/lib/portal/load_plan.ts";
import { askForProof } from "../../(_shared)/step_up.ts";
import { permit } from "../../(_shared)/permit.ts";
import { define, done, type PortalState } from "../../(_shared)/portal_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = ctx.state.say("nav_plan");
    return page(await loadPlan(ctx.state.services.portal, ctx.state.visit.terms));
  },
  /** Moves to `to`, if the tenant is still on `from`, the plan that the preview spoke of. */
  async POST(ctx) {
    const { tenant, act } = ctx.state.visit;
    permit(ctx, "manage_billing");
    const proof = await askForProof(ctx);
    if (proof !== null) return proof;
    const { form } = ctx.state;
    const from = String(form.get("from"));
    if (from !== tenant.value.planRevision) return done("/portal/plan", "conflict");
    const { portal } = ctx.state.services;
    const { tenantId } = tenant.value;
    const planRevision = String(form.get("to"));
    const offered = await loadPlan(portal, ctx.state.visit.terms);
    if (!offered.others.some((plan) => plan.planRevision === planRevision)) {
      return done("/portal/plan", "refused");
    }
    const moved = await changePlan(portal, { tenantId, planRevision, from, act });
    if (moved.ok) return done("/portal/plan", "plan_changed");
    const { code } = moved.error;
    const isKnown = code === "conflict" || code === "units_outstanding";
    return done("/portal/plan", isKnown ? code : "refused");
  },
});

export default function PlanRoute({ data, state }: PageProps<PlanModel, PortalState>) {
  const { say, visit: { frame } } = state;
  const { locale } = frame.viewer;
  return (
    <PlanPage
      frame={frame}
      model={data}
      calculator={
        <PriceCalculator
          currency={data.plan.currency}
          locale={locale}
          baseFeeMinor={roundToMinor(data.plan.baseFee)}
          words={{
            baseFee: say("base_fee"),
            together: say("together"),
            wholeNumbers: say("whole_numbers_only"),
          }}
          meters={data.plan.meters.map(({ meter, price, includedUnits }) => ({
            meter,
            label: say("calculator_units", { meter: meterName(languageOf(locale), meter) }),
            price,
            includedUnits,
            units: data.marginal.find((one) => one.meter === meter)?.usedUnits ?? 0n,
          }))}
        />
      }
    />
  );
}
