import type { ComponentChildren } from "preact";
import type { Amount } from "@/lib/domain/plan.ts";
import type { Alert } from "@/lib/ports/billing_store.ts";
import type { AlertDraft } from "@/lib/portal/alert_form.ts";
import type { BudgetDraft } from "@/lib/portal/budget_form.ts";
import { Badge } from "../ui/Badge.tsx";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { Checkbox } from "../ui/Checkbox.tsx";
import { CodeBlock } from "../ui/CodeBlock.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { formatBilled } from "../ui/format.ts";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Table } from "../ui/Table.tsx";
import { useViewer } from "../ui/viewer.ts";
import { BudgetGauge } from "./OverviewPage.tsx";
import { meterLabel } from "@/lib/domain/meter.ts";
import { mayEdit, type PortalFrame, PortalPage } from "./PortalPage.tsx";
import { webhookSnippet } from "./webhook_snippet.ts";

export interface AlertsModel {
  readonly currency: string;
  readonly spentMinor: bigint;
  readonly budget: { readonly amount: Amount; readonly stop: boolean } | null;
  readonly budgetForm: {
    readonly draft: BudgetDraft;
    readonly errors: Readonly<Record<string, string>>;
    /** `budget` is somebody else's, saved since the draft was begun. */
    readonly isConflict: boolean;
    /** What the form was made from: a later version is a conflict, not an overwrite. */
    readonly version: string;
  };
  readonly alertForm: {
    readonly draft: AlertDraft;
    readonly errors: Readonly<Record<string, string>>;
    /** What somebody else saved since the draft was begun. */
    readonly conflict: AlertDraft | null;
    readonly version: string;
  };
  /** Crossings of this period and the ones before, newest first. */
  readonly fired: readonly Alert[];
  /** Set once a webhook is; receivers check signatures with it. */
  readonly webhookSecret: string | null;
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
          rowKey={(row) => row.alertId}
          empty={
            <EmptyState title="No threshold was reached yet" icon="alerts">
              <p class="small">That is the good case.</p>
            </EmptyState>
          }
          columns={[
            { key: "at", label: "When", cell: (row) => <DateTime atMs={row.createdAtMs} /> },
            {
              key: "what",
              label: "What",
              header: true,
              cell: (row) =>
                row.subject.kind === "budget" ? "Budget" : meterLabel(row.subject.meter),
            },
            {
              key: "threshold",
              label: "Threshold",
              cell: (row) => (
                <Badge tone={row.percent >= 100 ? "bad" : row.percent >= 90 ? "warn" : "info"}>
                  {row.percent} %
                </Badge>
              ),
            },
            {
              key: "delivery",
              label: "Delivery",
              cell: (row) => <DeliveryCell delivery={row.delivery} />,
            },
          ]}
        />
      </Card>
    </PortalPage>
  );
}

function DeliveryCell({ delivery }: { delivery: Alert["delivery"] }) {
  const tone = delivery.state === "delivered"
    ? "good"
    : delivery.state === "failed"
    ? "bad"
    : "info";
  return (
    <>
      <Badge tone={tone}>{delivery.state}</Badge> <span class="muted break">{delivery.detail}</span>
    </>
  );
}

/** Nothing was written: what stands is named, and the draft below it may be saved over it. */
function Conflict({ children }: { children: ComponentChildren }) {
  return (
    <Notice tone="warn" title="Somebody else saved in between">
      <span class="break">{children}</span>{" "}
      Nothing was overwritten; below is what you entered. Save again to replace it.
    </Notice>
  );
}

function budgetWords(budget: AlertsModel["budget"], currency: string, locale: string): string {
  if (budget === null) return "no budget";
  const amount = formatBilled(budget.amount, currency, locale);
  return budget.stop ? `${amount}, calls stop at it` : `${amount}, alerts only`;
}

function BudgetForm({ model }: { model: AlertsModel }) {
  const { locale } = useViewer();
  const { draft, errors, isConflict, version } = model.budgetForm;
  return (
    <Form action="/portal/alerts/budget">
      <input type="hidden" name="version" value={version} />
      {isConflict && (
        <Conflict>{`It now says: ${budgetWords(model.budget, model.currency, locale)}.`}</Conflict>
      )}
      <div class="fields">
        <TextField
          name="amount"
          label={`Amount in ${model.currency.toUpperCase()}`}
          inputMode="decimal"
          pattern="[0-9]{1,12}([.][0-9]+)?"
          value={draft.amount}
          hint="Empty removes the budget."
          error={errors["amount"]}
        />
      </div>
      <Checkbox
        name="stop"
        label="Stop at the budget"
        hint="Calls that would pass it are refused with 402 until the next period or a higher budget."
        checked={draft.stop}
      />
      <div class="form-actions">
        <Button kind="primary">Save budget</Button>
      </div>
    </Form>
  );
}

function AlertForm({ model }: { model: AlertsModel }) {
  const { draft, errors, conflict, version } = model.alertForm;
  return (
    <Card
      title="Alerts"
      note="At 50, 75, 90 and 100 % of the budget and of every quota of your plan."
    >
      <Form action="/portal/alerts">
        <input type="hidden" name="version" value={version} />
        {conflict !== null && (
          <Conflict>
            {`It now says: ${
              [conflict.emails, conflict.webhookUrl].filter(Boolean).join("; ") || "nobody"
            }.`}
          </Conflict>
        )}
        <div class="fields">
          <TextField
            name="emails"
            label="E-mail to"
            value={draft.emails}
            placeholder="ops@example.com"
            hint="Up to five addresses, separated by commas."
            error={errors["emails"]}
          />
          <TextField
            name="webhook_url"
            label="Webhook"
            type="url"
            value={draft.webhookUrl}
            placeholder="https://example.com/clawmeter"
            hint="Each message is signed after Standard Webhooks; once saved, the secret and how to check are shown."
            error={errors["webhook_url"]}
          />
        </div>
        {model.webhookSecret !== null && (
          <details class="small">
            <summary>Signing secret, and how to check a message</summary>
            <div class="secret">
              <code>{model.webhookSecret}</code>
            </div>
            <CodeBlock title="TypeScript (Deno, Node 20 or later, Bun)" code={webhookSnippet()} />
          </details>
        )}
        <div class="form-actions">
          <Button kind="primary">Save alerts</Button>
          <Button formAction="/portal/alerts/test">Send a test</Button>
        </div>
      </Form>
    </Card>
  );
}
