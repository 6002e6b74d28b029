import type { ChoreName, ChoreRun } from "@/lib/ports/chores.ts";
import { Badge } from "../ui/Badge.tsx";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Facts } from "../ui/Facts.tsx";
import { Form } from "../ui/Form.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Table } from "../ui/Table.tsx";
import { Segmented } from "../ui/Tabs.tsx";
import { useViewer } from "../ui/viewer.ts";
import { type OperatorFrame, OperatorPage } from "./OperatorPage.tsx";
import { runWords, tookWords } from "./run_words.ts";

export interface ChoreState {
  readonly name: ChoreName;
  readonly last: ChoreRun | null;
  readonly lastFailure: ChoreRun | null;
  readonly nextDueMs: number;
  readonly overdue: boolean;
}

export interface RunsModel {
  readonly chores: readonly ChoreState[];
  readonly runs: readonly ChoreRun[];
  /** Only runs of this chore are shown. */
  readonly name: ChoreName | null;
}

const CHORES: Readonly<Record<ChoreName, { readonly when: string; readonly what: string }>> = {
  flush: {
    when: "every minute",
    what: "Folds, seals and sends usage, applies webhooks, delivers alerts",
  },
  watch: {
    when: "every 5 minutes",
    what:
      "Tells tenants how near their limits they are, closes ended periods, goes on with list loads",
  },
  hourly: {
    when: "7 minutes past the hour",
    what: "Proves the books, reconciles, looks for anomalies",
  },
  daily: {
    when: "daily at 04:23 UTC",
    what: "Repairs what lost webhooks would have told, deletes counters past their term",
  },
};

export function RunsPage({ frame, model }: { frame: OperatorFrame; model: RunsModel }) {
  const all = "/operator/runs";
  return (
    <OperatorPage frame={frame} current={all}>
      <PageHeader
        title="Cron runs"
        lede="Each run does all that is due, so a missed one is made up for by the next."
      />
      <div class="grid-2">
        {model.chores.map((chore) => <ChoreCard key={chore.name} chore={chore} />)}
      </div>
      <Segmented
        label="Which runs"
        current={model.name === null ? all : `${all}?name=${model.name}`}
        options={[
          { href: all, label: "All" },
          ...model.chores.map(({ name }) => ({ href: `${all}?name=${name}`, label: name })),
        ]}
      />
      <Card flush>
        <RunTable runs={model.runs} />
      </Card>
    </OperatorPage>
  );
}

function ChoreCard({ chore: { name, last, lastFailure, nextDueMs, overdue } }: {
  chore: ChoreState;
}) {
  const { when, what } = CHORES[name];
  return (
    <Card
      title={name}
      note={`${what}, ${when}.`}
      aside={
        <Form action="/operator/runs" class="">
          <input type="hidden" name="name" value={name} />
          <Button size="sm" icon="rotate">
            Run now<span class="sr-only">: {name}</span>
          </Button>
        </Form>
      }
    >
      <Facts
        wide
        facts={[
          {
            term: "Last run",
            value: last === null ? <span class="muted">none yet</span> : (
              <>
                <DateTime atMs={last.startedAtMs} style="relative" />, {tookWords(last)}{" "}
                <Outcome run={last} />
              </>
            ),
          },
          {
            term: "Last failure",
            value: lastFailure === null
              ? <span class="muted">none on record</span>
              : <DateTime atMs={lastFailure.startedAtMs} style="moment" />,
          },
          {
            term: "Next due",
            value: (
              <>
                <DateTime atMs={nextDueMs} style="relative" />{" "}
                {overdue && <Badge tone="bad" dot>late</Badge>}
              </>
            ),
          },
        ]}
      />
    </Card>
  );
}

function Outcome({ run: { ok } }: { run: ChoreRun }) {
  return <Badge tone={ok ? "good" : "bad"} dot>{ok ? "done" : "failed"}</Badge>;
}

export function RunTable({ runs }: { runs: readonly ChoreRun[] }) {
  const { locale } = useViewer();
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
          cell: (run) => (
            <span class="nowrap">
              <DateTime atMs={run.startedAtMs} style="moment" />
            </span>
          ),
        },
        { key: "name", label: "Run", cell: (run) => run.name },
        { key: "outcome", label: "Outcome", cell: (run) => <Outcome run={run} /> },
        {
          key: "took",
          label: "Took",
          end: true,
          cell: (run) => <span class="num">{tookWords(run)}</span>,
        },
        {
          key: "report",
          label: "What it did",
          cell: (run) => <span class="break">{runWords(run.report, locale)}</span>,
        },
      ]}
    />
  );
}
