import { SECOND_APPROVAL_ABOVE } from "@/lib/domain/correction.ts";
import { meterLabel } from "@/lib/domain/meter.ts";
import { ButtonLink } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { TextArea, TextField } from "../../ui/Field.tsx";
import { formatUnits } from "../../ui/format.ts";
import { Select } from "../../ui/Select.tsx";
import { Table } from "../../ui/Table.tsx";
import { Units } from "../../ui/Units.tsx";
import { useViewer } from "../../ui/viewer.ts";
import { entryPath } from "../outbox/outbox_path.ts";
import { DecisionBadge } from "./DecisionBadge.tsx";
import type { TenantMoneyModel } from "./money_model.ts";
import { decidePath } from "./money_path.ts";
import { moneyFields, MoneyForm, MoneyFormError } from "./MoneyForm.tsx";
import { ProposedBy } from "./ProposedBy.tsx";

export function CorrectionsCard({ model }: { model: TenantMoneyModel }) {
  const { locale } = useViewer();
  const field = moneyFields(model, "correction");
  return (
    <Card
      title="Unit corrections"
      note={`Counted units, up or down, as an outbox entry of its own. Beyond ${
        formatUnits(SECOND_APPROVAL_ABOVE, locale)
      } units of a meter by one person in 24 hours a second one has to approve it.`}
    >
      <CorrectionTable model={model} />
      <MoneyFormError model={model} form="correction" />
      {model.lines.length === 0
        ? <EmptyState title="The plan has no meter to correct" icon="usage" />
        : (
          <MoneyForm model={model} form="correction" label="Correct units">
            <div class="fields">
              <Select
                {...field("line")}
                label="Which units"
                options={model.lines.map(({ value, meter, planRevision, periodId, units }) => ({
                  value,
                  label: `${meterLabel(meter)}, from ${periodId}, ${planRevision}: ${
                    formatUnits(units, locale)
                  }`,
                }))}
              />
              <TextField
                {...field("units")}
                label="Units"
                inputMode="numeric"
                required
                hint="−1,200 takes away, 1,200 adds."
              />
            </div>
            <TextArea {...field("reason")} label="Reason" rows={2} maxLength={500} required />
          </MoneyForm>
        )}
    </Card>
  );
}

function CorrectionTable({ model }: { model: TenantMoneyModel }) {
  return (
    <Table
      caption="Corrections, newest first"
      rows={model.corrections}
      rowKey={({ correctionId }) => correctionId}
      empty={<EmptyState title="No correction" icon="usage" />}
      columns={[
        {
          key: "reason",
          label: "Reason",
          header: true,
          cell: ({ reason }) => <bdi>{reason}</bdi>,
        },
        {
          key: "line",
          label: "Line",
          cell: ({ meter, planRevision, periodId }) => (
            <>
              {meterLabel(meter)}
              <div class="muted mono small">{planRevision}</div>
              <div class="muted mono small">{periodId}</div>
            </>
          ),
        },
        { key: "units", label: "Units", end: true, cell: ({ units }) => <Units units={units} /> },
        {
          key: "state",
          label: "State",
          cell: ({ state, entryId }) => (
            <>
              <DecisionBadge state={state} />
              {entryId !== null && (
                <div class="small">
                  <a href={entryPath(entryId)}>its entry</a>
                </div>
              )}
            </>
          ),
        },
        {
          key: "who",
          label: "By",
          cell: ({ author, createdAtMs, approver }) => (
            <ProposedBy
              author={author}
              atMs={createdAtMs}
              decidedBy={approver === author ? null : approver}
            />
          ),
        },
        {
          key: "actions",
          label: "Decide",
          actions: true,
          cell: ({ state, correctionId, reason }) =>
            (state === "pending" || state === "approved") && (
              <ButtonLink size="sm" href={decidePath(model.tenantId, correctionId)}>
                {state === "pending" ? "Decide" : "Finish"}
                <span class="sr-only">: {reason}</span>
              </ButtonLink>
            ),
        },
      ]}
    />
  );
}
