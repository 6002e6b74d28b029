import type { ChoreName, ChoreRun } from "@/lib/ports/chores.ts";
import { Badge } from "../ui/Badge.tsx";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Form } from "../ui/Form.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Table } from "../ui/Table.tsx";
import { Segmented } from "../ui/Tabs.tsx";
import { type OperatorFrame, OperatorPage } from "./OperatorPage.tsx";

export interface RunsModel {
  readonly runs: readonly ChoreRun[];
  /** Only runs of this chore are shown. */
  readonly name: ChoreName | null;
}

export const CHORES: readonly {
  readonly name: ChoreName;
  readonly when: string;
  readonly what: string;
}[] = [
  {
    name: "flush",
    when: "every minute",
    what: "Folds, seals and sends usage, applies webhooks, delivers alerts",
  },
  {
    name: "watch",
    when: "every 5 minutes",
    what: "Tells tenants how near their limits they are, closes ended periods",
  },
  {
    name: "hourly",
    when: "7 minutes past the hour",
    what: "Proves the books, reconciles, looks for anomalies",
  },
  { name: "daily", when: "04:23 UTC", what: "Repairs what lost webhooks would have told" },
];

export function RunsPage({ frame, model }: { frame: OperatorFrame; model: RunsModel }) {
  const all = "/operator/runs";
  return (
    <OperatorPage frame={frame} current={all}>
      <PageHeader
        title="Cron runs"
        lede="Each run does all that is due, so a missed one is made up for by the next."
      />
      <div class="grid-3">
        {CHORES.map(({ name, when, what }) => (
          <Card key={name} title={name} note={when}>
            <p class="small">{what}.</p>
            <Form action={all}>
              <input type="hidden" name="name" value={name} />
              <div class="form-actions">
                <Button size="sm" icon="rotate">
                  Run now<span class="sr-only">: {name}</span>
                </Button>
              </div>
            </Form>
          </Card>
        ))}
      </div>
      <Segmented
        label="Which runs"
        current={model.name === null ? all : `${all}?name=${model.name}`}
        options={[
          { href: all, label: "All" },
          ...CHORES.map(({ name }) => ({ href: `${all}?name=${name}`, label: name })),
        ]}
      />
      <Card flush>
        <RunTable runs={model.runs} />
      </Card>
    </OperatorPage>
  );
}

export function RunTable({ runs }: { runs: readonly ChoreRun[] }) {
  return (
    <Table
      caption="Runs, newest first"
      rows={runs}
      rowKey={(run) => `${run.name} ${run.startedAtMs} ${run.endedAtMs}`}
      empty={
        <EmptyState title="No run yet" icon="clock">
          <p class="small">The first comes with the next full minute.</p>
        </EmptyState>
      }
      columns={[
        {
          key: "started",
          label: "Started",
          header: true,
          cell: (run) => <DateTime atMs={run.startedAtMs} style="datetime" />,
        },
        { key: "name", label: "Run", cell: (run) => <code>{run.name}</code> },
        {
          key: "outcome",
          label: "Outcome",
          cell: (run) => (
            <Badge tone={run.ok ? "good" : "bad"} dot>{run.ok ? "done" : "failed"}</Badge>
          ),
        },
        {
          key: "took",
          label: "Took",
          end: true,
          cell: (run) => <span class="num">{run.endedAtMs - run.startedAtMs} ms</span>,
        },
        {
          key: "report",
          label: "What it did",
          cell: (run) => <span class="break small">{reportWords(run.report)}</span>,
        },
      ]}
    />
  );
}

/** Zeros say nothing. */
function reportWords(report: ChoreRun["report"]): string {
  const said = Object.entries(report).filter(([, value]) => value !== 0);
  return said.map(([name, value]) => `${wordsOf(name)}: ${value}`).join(", ") || "nothing was due";
}

function wordsOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
