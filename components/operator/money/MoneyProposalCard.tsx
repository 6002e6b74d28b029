import { meterLabel } from "@/lib/domain/meter.ts";
import { fromMinor } from "@/lib/domain/money.ts";
import { Button, ButtonLink } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { DateTime } from "../../ui/DateTime.tsx";
import { Form } from "../../ui/Form.tsx";
import { HiddenFields } from "../../ui/HiddenFields.tsx";
import { Money } from "../../ui/Money.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Units } from "../../ui/Units.tsx";
import { BillImpactTable } from "../BillImpactTable.tsx";
import type { MoneyFormKind, MoneyProposal, TenantMoneyModel } from "./money_model.ts";
import { moneyPath } from "./money_path.ts";

const TITLES: Readonly<Record<MoneyFormKind, string>> = {
  credit: "Grant this credit?",
  adjustment: "Adjust the bill?",
  correction: "Correct the units?",
};

export function MoneyProposalCard(
  { model, proposal }: { model: TenantMoneyModel; proposal: MoneyProposal },
) {
  return (
    <Card title={TITLES[proposal.kind]}>
      <p>
        <ProposalWords model={model} proposal={proposal} />
      </p>
      <BillImpactTable impact={proposal.impact} />
      {proposal.needsSecond && (
        <Notice tone="warn" title="A second person has to approve it">
          It bills nothing until then, and waits under Approvals.
        </Notice>
      )}
      <Form action={moneyPath(model.tenantId)} label="Confirm">
        <HiddenFields
          fields={{ ...model.draft, act: "confirm", form: proposal.kind, id: proposal.id }}
        />
        <div class="form-actions">
          <Button kind="primary">
            {proposal.needsSecond ? "Propose it" : "Confirm"}
          </Button>
          <ButtonLink href={moneyPath(model.tenantId)}>Leave it</ButtonLink>
        </div>
      </Form>
    </Card>
  );
}

function ProposalWords(
  { model: { currency }, proposal }: { model: TenantMoneyModel; proposal: MoneyProposal },
) {
  switch (proposal.kind) {
    case "credit":
      return (
        <>
          <bdi>{proposal.credit.name}</bdi>:{" "}
          <Money amount={fromMinor(proposal.credit.amountMinor)} currency={currency} />{" "}
          {proposal.credit.category}, {proposal.credit.expiresAtMs === null ? "never expires" : (
            <>
              good until <DateTime atMs={proposal.credit.expiresAtMs} style="date" utc />
            </>
          )}. It pays for usage from now on.
        </>
      );
    case "adjustment":
      return (
        <>
          <Money amount={fromMinor(proposal.adjustment.amountMinor)} currency={currency} />{" "}
          in the period from <code>{proposal.adjustment.periodId}</code>:{" "}
          <bdi>{proposal.adjustment.note}</bdi>. A line of its own on the invoice.
        </>
      );
    case "correction":
      return (
        <>
          <Units units={proposal.correction.units} /> units of{" "}
          {meterLabel(proposal.correction.meter)} under{" "}
          <code>{proposal.correction.planRevision}</code> in the period from{" "}
          <code>{proposal.correction.periodId}</code>:{" "}
          <bdi>{proposal.correction.reason}</bdi>. An outbox entry of its own.
        </>
      );
  }
}
