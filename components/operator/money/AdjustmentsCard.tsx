import { SECOND_APPROVAL_ABOVE_MINOR } from "@/lib/domain/adjustment.ts";
import { formatMinor } from "@/lib/domain/money.ts";
import { ButtonLink } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { TextArea, TextField } from "../../ui/Field.tsx";
import { Select } from "../../ui/Select.tsx";
import { Table } from "../../ui/Table.tsx";
import { Segmented } from "../../ui/Tabs.tsx";
import { useViewer } from "../../ui/viewer.ts";
import { DecisionBadge } from "./DecisionBadge.tsx";
import { AMOUNT_COLUMN, BY_COLUMN } from "./money_columns.tsx";
import type { TenantMoneyModel } from "./money_model.ts";
import { decidePath, moneyPath } from "./money_path.ts";
import { moneyFields, MoneyForm, MoneyFormError } from "./MoneyForm.tsx";

export function AdjustmentsCard({ model }: { model: TenantMoneyModel }) {
  const { locale } = useViewer();
  const { tenantId, periods, periodId, currency } = model;
  const path = moneyPath(tenantId);
  const field = moneyFields(model, "adjustment");
  const hrefOf = (period: string) => `${path}?${new URLSearchParams({ period })}`;
  return (
    <Card
      title="Adjustments"
      note={`Money added or forgiven, as a line of its own. Beyond ${
        formatMinor(SECOND_APPROVAL_ABOVE_MINOR, currency, locale)
      } by one person in 24 hours, credits included, a second one has to approve it.`}
    >
      <Segmented
        label="Billing period"
        current={hrefOf(periodId)}
        options={periods.map((period) => ({ href: hrefOf(period), label: `from ${period}` }))}
      />
      <AdjustmentTable model={model} />
      <MoneyFormError model={model} form="adjustment" />
      <MoneyForm model={model} form="adjustment" label="Adjust the bill">
        <div class="fields">
          <TextField
            {...field("amount")}
            label={`Amount in ${currency.toUpperCase()}`}
            inputMode="decimal"
            required
            hint="−12.50 forgives, 12.50 adds."
          />
          <Select
            {...field("period")}
            label="Billing period"
            options={model.openPeriods.map((period) => ({
              value: period,
              label: `from ${period}`,
            }))}
          />
        </div>
        <TextArea
          {...field("note")}
          label="Reason"
          rows={2}
          maxLength={500}
          required
          hint="Stands on the tenant’s statement."
        />
      </MoneyForm>
    </Card>
  );
}

function AdjustmentTable({ model }: { model: TenantMoneyModel }) {
  return (
    <Table
      caption="Adjustments of the period, newest first"
      rows={model.adjustments}
      rowKey={({ adjustmentId }) => adjustmentId}
      empty={<EmptyState title="No adjustment in this period" icon="money" />}
      columns={[
        {
          key: "note",
          label: "Reason",
          header: true,
          cell: ({ note }) => <bdi>{note}</bdi>,
        },
        AMOUNT_COLUMN,
        {
          key: "state",
          label: "State",
          cell: ({ state }) => <DecisionBadge state={state} />,
        },
        BY_COLUMN,
        {
          key: "actions",
          label: "Decide",
          actions: true,
          cell: ({ state, adjustmentId, note }) =>
            state === "pending" && (
              <ButtonLink size="sm" href={decidePath(model.tenantId, adjustmentId)}>
                Decide<span class="sr-only">: {note}</span>
              </ButtonLink>
            ),
        },
      ]}
    />
  );
}
