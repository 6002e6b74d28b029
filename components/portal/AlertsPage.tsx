import type { Amount } from "@/lib/domain/plan.ts";
import { formatDecimal } from "@/lib/domain/money.ts";
import { Badge } from "../ui/Badge.tsx";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { Checkbox } from "../ui/Checkbox.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Table } from "../ui/Table.tsx";
import { BudgetGauge } from "./OverviewPage.tsx";
import { mayEdit, type PortalFrame, PortalPage } from "./PortalPage.tsx";

export const THRESHOLDS = [50, 75, 90, 100] as const;

export interface AlertsModel {
  readonly currency: string;
  readonly spentMinor: bigint;
  readonly budget: { readonly amount: Amount; readonly stop: boolean } | null;
  readonly alerts: {
    readonly thresholds: readonly number[];
    readonly emails: readonly string[];
    readonly webhookUrl: string | null;
  };
  readonly errors: Readonly<Record<string, string>>;
  /** Crossings of this period and the ones before, newest first. */
  readonly fired: readonly {
    readonly id: string;
    readonly atMs: number;
    readonly what: string;
    readonly threshold: number;
    readonly delivery: string;
  }[];
  /** Version that the forms were made from: a later one is a conflict, not an overwrite. */
  readonly version: string;
}

export function AlertsPage({ frame, model }: { frame: PortalFrame; model: AlertsModel }) {
  const edit = mayEdit(frame);
  return (
    <PortalPage frame={frame} current="/portal/alerts">
      <PageHeader
        title="Alerts and budget"
        lede="Each threshold tells you once a period, and again in the next one."
      />
      <Card title="Budget" note="For one billing period, before tax.">
        {model.budget !== null && (
          <BudgetGauge
            spentMinor={model.spentMinor}
            budget={model.budget}
            currency={model.currency}
          />
        )}
        {edit ? <BudgetForm model={model} /> : model.budget === null && <p>No budget is set.</p>}
      </Card>
      {edit && <AlertForm model={model} />}
      <Card title="Sent" flush>
        <Table
          caption="Alerts that were sent"
          rows={model.fired}
          rowKey={(row) => row.id}
          empty={
            <EmptyState title="No threshold was reached yet" icon="alerts">
              <p class="small">That is the good case.</p>
            </EmptyState>
          }
          columns={[
            { key: "at", label: "When", cell: (row) => <DateTime atMs={row.atMs} /> },
            { key: "what", label: "What", header: true, cell: (row) => row.what },
            {
              key: "threshold",
              label: "Threshold",
              cell: (row) => (
                <Badge tone={row.threshold >= 100 ? "bad" : row.threshold >= 90 ? "warn" : "info"}>
                  {row.threshold} %
                </Badge>
              ),
            },
            { key: "delivery", label: "Delivery", cell: (row) => row.delivery },
          ]}
        />
      </Card>
    </PortalPage>
  );
}

function BudgetForm({ model }: { model: AlertsModel }) {
  return (
    <Form action="/portal/alerts/budget">
      <input type="hidden" name="version" value={model.version} />
      <div class="fields">
        <TextField
          name="amount"
          label={`Amount in ${model.currency.toUpperCase()}`}
          inputMode="decimal"
          pattern="[0-9]{1,12}([.][0-9]+)?"
          value={model.budget === null ? "" : formatDecimal(model.budget.amount, model.currency)}
          hint="Empty removes the budget."
          error={model.errors["amount"]}
        />
      </div>
      <Checkbox
        name="stop"
        label="Stop at the budget"
        hint="Calls that would pass it are refused with 402 until the next period or a higher budget."
        checked={model.budget?.stop ?? false}
      />
      <div class="form-actions">
        <Button kind="primary">Save budget</Button>
      </div>
    </Form>
  );
}

function AlertForm({ model }: { model: AlertsModel }) {
  const { alerts, errors } = model;
  return (
    <Card title="Alerts" note="For the budget and for every quota of your plan.">
      <Form action="/portal/alerts">
        <input type="hidden" name="version" value={model.version} />
        <fieldset class="row">
          <legend class="sr-only">Thresholds</legend>
          {THRESHOLDS.map((threshold) => (
            <Checkbox
              key={threshold}
              name="thresholds"
              value={String(threshold)}
              label={`${threshold} %`}
              checked={alerts.thresholds.includes(threshold)}
            />
          ))}
        </fieldset>
        <div class="fields">
          <TextField
            name="emails"
            label="E-mail to"
            value={alerts.emails.join(", ")}
            placeholder="ops@example.com"
            hint="Up to five addresses, separated by commas."
            error={errors["emails"]}
          />
          <TextField
            name="webhook_url"
            label="Webhook"
            type="url"
            value={alerts.webhookUrl ?? ""}
            placeholder="https://example.com/clawmeter"
            hint="Signed; see the API reference on how to check the signature."
            error={errors["webhook_url"]}
          />
        </div>
        <div class="form-actions">
          <Button kind="primary">Save alerts</Button>
          <Button formAction="/portal/alerts/test">Send a test</Button>
        </div>
      </Form>
    </Card>
  );
}
