import type { ConnectionCheck, ConnectionReport } from "@/lib/billing/check_connection.ts";
import { Badge, type Tone } from "../ui/Badge.tsx";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Facts } from "../ui/Facts.tsx";
import { Form } from "../ui/Form.tsx";
import { Table } from "../ui/Table.tsx";
import type { OperatorFrame } from "./OperatorPage.tsx";
import { SettingsFrame } from "./SettingsFrame.tsx";

export interface SettingsModel {
  readonly groups: readonly {
    readonly title: string;
    readonly settings: readonly {
      readonly term: string;
      readonly value: string;
      /** What to know about it. */
      readonly warning?: string;
      /** The variable that sets it. */
      readonly variable?: string;
    }[];
  }[];
  /** The check that was asked for with this page. */
  readonly report: ConnectionReport | null;
}

const PATH = "/operator/settings";

export function SettingsPage({ frame, model }: { frame: OperatorFrame; model: SettingsModel }) {
  return (
    <SettingsFrame
      frame={frame}
      current={PATH}
      lede="What this process was started with. Secrets are never shown; a change takes a restart."
    >
      <Card
        title="Connection to Stripe"
        note="Asks Stripe a dozen questions, and makes nothing there."
        aside={
          <Form action={PATH} class="">
            <Button kind={model.report === null ? "primary" : "plain"} icon="rotate">
              Check the Stripe connection
            </Button>
          </Form>
        }
      >
        {model.report !== null && <Report report={model.report} />}
      </Card>
      <div class="grid-2">
        {model.groups.map(({ title, settings }) => (
          <Card key={title} title={title}>
            <Facts
              facts={settings.map(({ term, value, warning, variable }) => ({
                term,
                value: (
                  <>
                    <span class="break">{value}</span>
                    {warning !== undefined && (
                      <div class="small">
                        <Badge tone="warn" dot>look</Badge> {warning}
                      </div>
                    )}
                    {variable !== undefined && <div class="muted mono small">{variable}</div>}
                  </>
                ),
              }))}
            />
          </Card>
        ))}
      </div>
    </SettingsFrame>
  );
}

const TONES: Readonly<Record<ConnectionCheck["level"], Tone>> = {
  ok: "good",
  warn: "warn",
  fail: "bad",
};

function Report({ report }: { report: ConnectionReport }) {
  return (
    <div class="stack">
      <p class="small" role="status">
        {summaryOf(report)} Asked <DateTime atMs={report.atMs} style="moment" />.
      </p>
      <Table
        caption="Checks of the connection"
        rows={report.checks}
        rowKey={({ id }) => id}
        empty={<EmptyState title="Nothing was checked" />}
        columns={[
          {
            key: "level",
            label: "Result",
            cell: ({ level }) => <Badge tone={TONES[level]} dot>{level}</Badge>,
          },
          { key: "title", label: "Check", header: true, cell: ({ title }) => title },
          {
            key: "detail",
            label: "Found",
            cell: ({ detail }) => <bdi class="break">{detail}</bdi>,
          },
          {
            key: "todo",
            label: "What to do",
            cell: ({ todo }) => todo ?? <span class="muted">nothing</span>,
          },
        ]}
      />
      <details class="small">
        <summary>What the key may do, one by one</summary>
        <Table
          caption="Rights of the key"
          rows={report.rights}
          rowKey={({ resource, access }) => `${resource} ${access}`}
          empty={<EmptyState title="Nothing was asked" />}
          columns={[
            { key: "resource", label: "Resource", header: true, cell: ({ resource }) => resource },
            { key: "access", label: "Access", cell: ({ access }) => access },
            {
              key: "outcome",
              label: "Answer",
              cell: ({ outcome, detail }) => (
                <>
                  <Badge
                    tone={outcome === "granted" ? "good" : outcome === "refused" ? "bad" : "warn"}
                    dot
                  >
                    {outcome}
                  </Badge>
                  {detail !== null && <div class="muted break">{detail}</div>}
                </>
              ),
            },
          ]}
        />
      </details>
    </div>
  );
}

function summaryOf({ checks }: ConnectionReport): string {
  const count = (level: ConnectionCheck["level"]) =>
    checks.filter((check) => check.level === level).length;
  const [failed, warned] = [count("fail"), count("warn")];
  if (failed > 0) return failed === 1 ? "One check failed." : `${failed} checks failed.`;
  return warned > 0 ? "It works, with something to look at." : "All is well.";
}
