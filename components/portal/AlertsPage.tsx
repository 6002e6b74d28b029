import type { Amount } from "@/lib/domain/plan.ts";
import type { Alert } from "@/lib/ports/watch_store.ts";
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
import { formatBilled, formatPercent } from "../ui/format.ts";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Table } from "../ui/Table.tsx";
import { useViewer } from "../ui/viewer.ts";
import { BudgetGauge } from "./OverviewPage.tsx";
import { mayEdit, type PortalFrame, PortalPage } from "./PortalPage.tsx";
import { webhookSnippet } from "./webhook_snippet.ts";
import { useWords, type Words, wordsIn } from "./words.ts";

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
  const { locale } = frame.viewer;
  const { say, meterWords } = wordsIn(locale);
  const edit = mayEdit(frame);
  return (
    <PortalPage frame={frame} current="/portal/alerts">
      <PageHeader
        title={say("nav_alerts")}
        lede={say("alerts_lede")}
      />
      <Card title={say("budget")} note={say("budget_note")}>
        {model.budget !== null && (
          <BudgetGauge
            spentMinor={model.spentMinor}
            budget={model.budget}
            currency={model.currency}
          />
        )}
        {edit ? <BudgetForm model={model} /> : model.budget === null && <p>{say("no_budget")}</p>}
      </Card>
      {edit && <AlertForm model={model} />}
      <Card title={say("alerts_sent")} flush>
        <Table
          caption={say("alerts_sent_caption")}
          rows={model.fired}
          rowKey={(row) => row.alertId}
          empty={
            <EmptyState title={say("no_threshold_reached")} icon="alerts">
              <p class="small">{say("no_threshold_text")}</p>
            </EmptyState>
          }
          columns={[
            { key: "at", label: say("when"), cell: (row) => <DateTime atMs={row.createdAtMs} /> },
            {
              key: "what",
              label: say("what"),
              header: true,
              cell: (row) =>
                row.subject.kind === "budget" ? say("budget") : meterWords(row.subject.meter),
            },
            {
              key: "threshold",
              label: say("threshold"),
              cell: (row) => (
                <Badge tone={row.percent >= 100 ? "bad" : row.percent >= 90 ? "warn" : "info"}>
                  {formatPercent(row.percent / 100, locale)}
                </Badge>
              ),
            },
            {
              key: "delivery",
              label: say("delivery"),
              cell: (row) => <DeliveryCell delivery={row.delivery} />,
            },
          ]}
        />
      </Card>
    </PortalPage>
  );
}

function DeliveryCell({ delivery }: { delivery: Alert["delivery"] }) {
  const { say } = useWords();
  const tone = delivery.state === "delivered"
    ? "good"
    : delivery.state === "failed"
    ? "bad"
    : "info";
  return (
    <>
      <Badge tone={tone}>{say(`delivery_${delivery.state}`)}</Badge>{" "}
      <span class="muted break">{delivery.detail}</span>
    </>
  );
}

/** Nothing was written: what stands is named, and the draft below it may be saved over it. */
function Conflict({ what }: { what: string }) {
  const { say } = useWords();
  return (
    <Notice tone="warn" title={say("conflict_title")}>
      <span class="break">{say("it_now_says", { what })}</span> {say("conflict_text")}
    </Notice>
  );
}

function budgetWords(
  { budget, currency }: AlertsModel,
  { say, locale }: Words & { locale: string },
): string {
  if (budget === null) return say("says_no_budget");
  const amount = formatBilled(budget.amount, currency, locale);
  return say(budget.stop ? "says_budget_stops" : "says_budget_alerts", { amount });
}

function BudgetForm({ model }: { model: AlertsModel }) {
  const { locale } = useViewer();
  const words = useWords();
  const { say } = words;
  const { draft, errors, isConflict, version } = model.budgetForm;
  return (
    <Form action="/portal/alerts/budget">
      <input type="hidden" name="version" value={version} />
      {isConflict && <Conflict what={budgetWords(model, { ...words, locale })} />}
      <div class="fields">
        <TextField
          name="amount"
          label={say("amount_in", { currency: model.currency.toUpperCase() })}
          inputMode="decimal"
          pattern="[0-9]{1,12}([.][0-9]+)?"
          value={draft.amount}
          hint={say("budget_hint")}
          error={errors["amount"]}
        />
      </div>
      <Checkbox
        name="stop"
        label={say("stop_at_budget")}
        hint={say("stop_at_budget_hint")}
        checked={draft.stop}
      />
      <div class="form-actions">
        <Button kind="primary">{say("save_budget")}</Button>
      </div>
    </Form>
  );
}

function AlertForm({ model }: { model: AlertsModel }) {
  const { say } = useWords();
  const { draft, errors, conflict, version } = model.alertForm;
  return (
    <Card
      title={say("alerts")}
      note={say("alerts_note")}
    >
      <Form action="/portal/alerts">
        <input type="hidden" name="version" value={version} />
        {conflict !== null && (
          <Conflict
            what={[conflict.emails, conflict.webhookUrl].filter(Boolean).join("; ") ||
              say("says_nobody")}
          />
        )}
        <div class="fields">
          <TextField
            name="emails"
            label={say("email_to")}
            value={draft.emails}
            placeholder="ops@example.com"
            hint={say("emails_hint")}
            error={errors["emails"]}
          />
          <TextField
            name="webhook_url"
            label={say("webhook")}
            type="url"
            value={draft.webhookUrl}
            placeholder="https://example.com/clawmeter"
            hint={say("webhook_hint")}
            error={errors["webhook_url"]}
          />
        </div>
        {model.webhookSecret !== null && (
          <details class="small">
            <summary>{say("signing_secret")}</summary>
            <div class="secret">
              <code>{model.webhookSecret}</code>
            </div>
            <CodeBlock title={say("snippet_webhook")} code={webhookSnippet()} />
          </details>
        )}
        <div class="form-actions">
          <Button kind="primary">{say("save_alerts")}</Button>
          <Button formAction="/portal/alerts/test">{say("send_test")}</Button>
        </div>
      </Form>
    </Card>
  );
}
