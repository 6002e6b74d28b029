import { HttpError, page } from "fresh";
import { tenantPath } from "@/components/operator/TenantLink.tsx";
import { TenantMoneyPage } from "@/components/operator/money/TenantMoneyPage.tsx";
import type { Result } from "@/lib/domain/result.ts";
import { actOnMoney, decideMoney, mirrorCredit } from "@/lib/operator/act_on_money.ts";
import { type FlashCode, flashOfRefusal } from "@/lib/operator/flashes.ts";
import { bookOneGap, loadGaps } from "@/lib/operator/load_gaps.ts";
import { loadTenantMoney, parseWanted, proposeMoney } from "@/lib/operator/load_tenant_money.ts";
import { MONEY_FORMS, readDraft } from "@/lib/operator/money_forms.ts";
import { define, done, field } from "../../../../(_shared)/operator_state.ts";
import { askForProof } from "../../../../(_shared)/step_up.ts";
import { tenantOf } from "../../../../(_shared)/tenant_of.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { tenantId, tenant, plan, head } = await tenantOf(ctx);
    const { services, visit: { operatorId } } = ctx.state;
    const query = ctx.url.searchParams;
    const terms = { tenant: tenant.value, plan };
    const [model, gaps] = await Promise.all([
      loadTenantMoney(services, terms, { query, operatorId }),
      query.has("gaps") ? loadGaps(services, tenantId) : null,
    ]);
    return page({ head, model, gaps });
  },
  /** First the bill as it would become, then the act. What is refused comes back as it was typed. */
  async POST(ctx) {
    const { tenantId, tenant, plan, head } = await tenantOf(ctx);
    const { services, form, visit: { act, operatorId } } = ctx.state;
    const path = tenantPath(tenantId, "money");
    const proof = await askForProof(ctx);
    if (proof !== null) return proof;
    const said = (result: Result<FlashCode>) =>
      done(path, result.ok ? result.value : flashOfRefusal(result.error));
    if (field(ctx, "act") === "mirror") {
      return said(await mirrorCredit(services, { tenantId, creditId: field(ctx, "id"), act }));
    }
    if (field(ctx, "act") === "book_gap") {
      const [meter, day, reason] = [field(ctx, "meter"), field(ctx, "day"), field(ctx, "reason")];
      return said(await bookOneGap(services, { tenantId, meter, day, reason, act }));
    }
    if (field(ctx, "act") === "decide") {
      const kind = MONEY_FORMS.find((one) => one === field(ctx, "kind")) ?? "adjustment";
      const decision = field(ctx, "decision") === "approve" ? "approve" : "refuse";
      const wanted = { tenantId, kind, id: field(ctx, "id"), decision, act } as const;
      return said(await decideMoney(services, wanted));
    }
    const kind = MONEY_FORMS.find((one) => one === field(ctx, "form"));
    if (kind === undefined) throw new HttpError(400);
    const terms = { tenant: tenant.value, plan };
    const blank = await loadTenantMoney(services, terms, {
      query: new URLSearchParams(),
      operatorId,
    });
    const draft = readDraft(form, blank.periodId);
    const facts = { currency: plan.currency, nowMs: services.clock.nowMs() };
    const again = ({ detail, pointer }: { detail: string; pointer?: string }) => {
      const error = { form: kind, field: pointer?.slice(1) ?? null, detail };
      return page({ head, model: { ...blank, draft, error } }, { status: 422 });
    };
    const wanted = parseWanted(kind, draft, facts);
    if (!wanted.ok) return again(wanted.error);
    if (field(ctx, "act") === "confirm") {
      const id = field(ctx, "id");
      const acted = await actOnMoney(services, { tenantId, id, wanted: wanted.value, act });
      return acted.ok ? said(acted) : again({ detail: acted.error.detail });
    }
    const proposal = await proposeMoney(services, terms, { wanted: wanted.value, operatorId });
    if (!proposal.ok) return again({ detail: proposal.error.detail });
    return page({ head, model: { ...blank, draft, proposal: proposal.value } });
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <TenantMoneyPage frame={state.visit.frame} {...data} />
));
