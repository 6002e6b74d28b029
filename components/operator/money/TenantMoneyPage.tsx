import type { RestoreGap } from "@/lib/billing/restore_gap.ts";
import type { Asked } from "@/lib/operator/ask_stripe.ts";
import type { OperatorFrame } from "../OperatorPage.tsx";
import { type TenantFrame, TenantPage } from "../TenantPage.tsx";
import { AdjustmentsCard } from "./AdjustmentsCard.tsx";
import { CorrectionsCard } from "./CorrectionsCard.tsx";
import { CreditsCard } from "./CreditsCard.tsx";
import { GapsCard } from "./GapsCard.tsx";
import type { TenantMoneyModel } from "./money_model.ts";
import { MoneyDecisionCard } from "./MoneyDecisionCard.tsx";
import { MoneyProposalCard } from "./MoneyProposalCard.tsx";

export function TenantMoneyPage(
  { frame, head, model, gaps = null }: {
    frame: OperatorFrame;
    head: TenantFrame;
    model: TenantMoneyModel;
    gaps?: Asked<readonly RestoreGap[]> | null;
  },
) {
  return (
    <TenantPage frame={frame} head={head} tab="money">
      {model.decision !== null && <MoneyDecisionCard model={model} decision={model.decision} />}
      {model.proposal !== null && <MoneyProposalCard model={model} proposal={model.proposal} />}
      <CreditsCard model={model} />
      <AdjustmentsCard model={model} />
      <CorrectionsCard model={model} />
      <GapsCard tenantId={model.tenantId} gaps={gaps} />
    </TenantPage>
  );
}
