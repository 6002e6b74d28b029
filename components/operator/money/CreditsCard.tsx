import { SECOND_APPROVAL_ABOVE_MINOR } from "@/lib/domain/adjustment.ts";
import { formatMinor, fromMinor } from "@/lib/domain/money.ts";
import type { Credit, CreditToMirror } from "@/lib/ports/money_ledger.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button, ButtonLink } from "../../ui/Button.tsx";
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
import { useViewer } from "../../ui/viewer.ts";
import { DecisionBadge } from "./DecisionBadge.tsx";
import { AMOUNT_COLUMN, BY_COLUMN } from "./money_columns.tsx";
import type { TenantMoneyModel } from "./money_model.ts";
import { decidePath, moneyPath } from "./money_path.ts";
import { moneyFields, MoneyForm, MoneyFormError } from "./MoneyForm.tsx";

export function CreditsCard({ model }: { model: TenantMoneyModel }) {
  const { locale } = useViewer();
  const field = moneyFields(model, "credit");
  return (
    <Card
      title="Credits"
      note={`Prepaid or promotional money that usage draws from, here and at Stripe. Beyond ${
        formatMinor(SECOND_APPROVAL_ABOVE_MINOR, model.currency, locale)
      } by one person in 24 hours, adjustments included, a second one has to approve it.`}
      aside={<StaleBadge asOfMs={model.asOfMs} />}
    >
      <CreditTable model={model} />
      {model.creditProposals.length > 0 && (
        <>
          <h3>Waiting for a second person, or refused</h3>
          <ProposalTable model={model} />
        </>
      )}
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

function CreditTable(
  { model: { credits, creditsToMirror, tenantId, isCustomer } }: { model: TenantMoneyModel },
) {
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
                <>
                  <Form action={moneyPath(tenantId)} class="" label="Give it to Stripe">
                    <HiddenFields fields={{ act: "mirror", id: creditId }} />
                    <Button size="sm">Give it to Stripe</Button>
                  </Form>
                  <MirrorTrouble
                    wait={creditsToMirror.find((wait) => wait.creditId === creditId)}
                  />
                </>
              ),
        },
      ]}
    />
  );
}

/** Why Stripe did not take it yet, and when it is asked again by itself. */
function MirrorTrouble({ wait }: { wait: CreditToMirror | undefined }) {
  if (wait === undefined || wait.detail === null) return null;
  const { detail, attempts, nextAttemptAtMs } = wait;
  return (
    <div class="muted small break">
      {detail} ({attempts} {attempts === 1 ? "attempt" : "attempts"}; again{" "}
      <DateTime atMs={nextAttemptAtMs} style="relative" />)
    </div>
  );
}

function ProposalTable({ model: { creditProposals, tenantId } }: { model: TenantMoneyModel }) {
  return (
    <Table
      caption="Credits that wait for a second person, or were refused"
      rows={creditProposals}
      rowKey={({ creditId }) => creditId}
      empty={null}
      columns={[
        {
          key: "name",
          label: "Proposed credit",
          header: true,
          cell: ({ name }) => <bdi>{name}</bdi>,
        },
        AMOUNT_COLUMN,
        { key: "state", label: "State", cell: ({ state }) => <DecisionBadge state={state} /> },
        BY_COLUMN,
        {
          key: "actions",
          label: "Decide",
          actions: true,
          cell: ({ state, creditId, name }) =>
            state === "pending" && (
              <ButtonLink size="sm" href={decidePath(tenantId, creditId)}>
                Decide<span class="sr-only">: {name}</span>
              </ButtonLink>
            ),
        },
      ]}
    />
  );
}
