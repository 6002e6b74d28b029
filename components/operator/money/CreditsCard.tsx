import { fromMinor } from "@/lib/domain/money.ts";
import type { Credit } from "@/lib/ports/billing_store.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { DateTime } from "../../ui/DateTime.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { TextField } from "../../ui/Field.tsx";
import { Form } from "../../ui/Form.tsx";
import { HiddenFields } from "../../ui/HiddenFields.tsx";
import { Money } from "../../ui/Money.tsx";
import { Select } from "../../ui/Select.tsx";
import { StaleBadge } from "../../ui/StaleBadge.tsx";
import { Table } from "../../ui/Table.tsx";
import type { TenantMoneyModel } from "./money_model.ts";
import { moneyPath } from "./money_path.ts";
import { moneyFields, MoneyForm, MoneyFormError } from "./MoneyForm.tsx";

export function CreditsCard({ model }: { model: TenantMoneyModel }) {
  const field = moneyFields(model, "credit");
  return (
    <Card
      title="Credits"
      note="Prepaid or promotional money that usage draws from, here and at Stripe."
      aside={<StaleBadge asOfMs={model.asOfMs} />}
    >
      <CreditTable model={model} />
      <MoneyFormError model={model} form="credit" />
      <MoneyForm model={model} form="credit" label="Grant a credit">
        <div class="fields">
          <TextField
            {...field("name")}
            label="Name"
            maxLength={100}
            required
            hint="As the tenant reads it."
          />
          <TextField
            {...field("amount")}
            label={`Amount in ${model.currency.toUpperCase()}`}
            inputMode="decimal"
            required
          />
          <Select
            {...field("category")}
            label="Category"
            options={[
              { value: "promotional", label: "Promotional" },
              { value: "paid", label: "Paid for" },
            ]}
          />
          <TextField {...field("expires")} label="Good until" type="date" hint="Empty: for ever." />
        </div>
      </MoneyForm>
    </Card>
  );
}

function CreditTable({ model: { credits, tenantId, isCustomer } }: { model: TenantMoneyModel }) {
  const left = ({ amountMinor, draws }: Credit) =>
    draws.reduce((rest, draw) => rest - draw.amountMinor, amountMinor);
  return (
    <Table
      caption="Credits"
      rows={credits}
      rowKey={({ creditId }) => creditId}
      empty={<EmptyState title="No credit" icon="money" />}
      columns={[
        {
          key: "name",
          label: "Credit",
          header: true,
          cell: ({ name, creditId }) => (
            <>
              <bdi>{name}</bdi>
              <div class="muted mono small break">{creditId}</div>
            </>
          ),
        },
        { key: "category", label: "Category", cell: ({ category }) => category },
        {
          key: "amount",
          label: "Granted",
          end: true,
          cell: ({ amountMinor, currency }) => (
            <Money amount={fromMinor(amountMinor)} currency={currency} />
          ),
        },
        {
          key: "left",
          label: "Left after closed periods",
          end: true,
          cell: (credit) => <Money amount={fromMinor(left(credit))} currency={credit.currency} />,
        },
        {
          key: "expires",
          label: "Good until",
          cell: ({ expiresAtMs }) =>
            expiresAtMs === null
              ? <span class="muted">for ever</span>
              : <DateTime atMs={expiresAtMs} style="date" utc />,
        },
        {
          key: "stripe",
          label: "At Stripe",
          cell: ({ creditGrantId, creditId }) =>
            creditGrantId !== null
              ? <Badge tone="good" dot>there</Badge>
              : !isCustomer
              ? <span class="muted">with the customer</span>
              : (
                <Form action={moneyPath(tenantId)} class="" label="Give it to Stripe">
                  <HiddenFields fields={{ act: "mirror", id: creditId }} />
                  <Button size="sm">Give it to Stripe</Button>
                </Form>
              ),
        },
      ]}
    />
  );
}
