import { meterLabel } from "@/lib/domain/meter.ts";
import { fromMinor } from "@/lib/domain/money.ts";
import { Button, ButtonLink } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { Form } from "../../ui/Form.tsx";
import { HiddenFields } from "../../ui/HiddenFields.tsx";
import { Money } from "../../ui/Money.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Units } from "../../ui/Units.tsx";
import { BillImpactTable } from "../BillImpactTable.tsx";
import type { MoneyDecision, TenantMoneyModel } from "./money_model.ts";
import { moneyPath } from "./money_path.ts";

export function MoneyDecisionCard(
  { model, decision }: { model: TenantMoneyModel; decision: MoneyDecision },
) {
  const id = decision.kind === "adjustment"
    ? decision.adjustment.adjustmentId
    : decision.correction.correctionId;
  const author = decision.kind === "adjustment"
    ? decision.adjustment.createdBy
    : decision.correction.author;
  return (
    <Card
      title="This waits for a decision"
      note={
        <>
          Proposed by <bdi>{author}</bdi>
        </>
      }
    >
      <p>
        <DecisionWords model={model} decision={decision} />
      </p>
      {decision.impact === null
        ? <Notice tone="warn">The bill of this period can’t be priced.</Notice>
        : <BillImpactTable impact={decision.impact} />}
      {decision.isOwn && (
        <Notice tone="warn" title="You proposed this">
          A second person has to approve it; you may only take it back.
        </Notice>
      )}
      <Form action={moneyPath(model.tenantId)} label="Decide">
        <HiddenFields fields={{ act: "decide", kind: decision.kind, id }} />
        <div class="form-actions">
          {!decision.isOwn && (
            <Button kind="primary" name="decision" value="approve">Approve</Button>
          )}
          <Button kind="danger" name="decision" value="refuse">
            {decision.isOwn ? "Take it back" : "Refuse"}
          </Button>
          <ButtonLink href={moneyPath(model.tenantId)}>Decide later</ButtonLink>
        </div>
      </Form>
    </Card>
  );
}

function DecisionWords(
  { model: { currency }, decision }: { model: TenantMoneyModel; decision: MoneyDecision },
) {
  if (decision.kind === "adjustment") {
    const { amountMinor, periodId, note } = decision.adjustment;
    return (
      <>
        <Money amount={fromMinor(amountMinor)} currency={currency} /> in the period from{" "}
        <code>{periodId}</code>: <bdi>{note}</bdi>
      </>
    );
  }
  const { units, meter, planRevision, periodId, reason } = decision.correction;
  return (
    <>
      <Units units={units} /> units of {meterLabel(meter)} under <code>{planRevision}</code>{" "}
      in the period from <code>{periodId}</code>: <bdi>{reason}</bdi>
    </>
  );
}
