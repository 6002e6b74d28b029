import type { ComponentChildren } from "preact";
import type { ReconcileReport, ReconcileRun } from "@/lib/ports/report_store.ts";
import { Button } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { DateTime } from "../../ui/DateTime.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { TextField } from "../../ui/Field.tsx";
import { Form } from "../../ui/Form.tsx";
import { PageHeader } from "../../ui/PageHeader.tsx";
import { Pagination } from "../../ui/Pagination.tsx";
import { Table } from "../../ui/Table.tsx";
import { Units } from "../../ui/Units.tsx";
import { durationWords } from "../duration_words.ts";
import { type OperatorFrame, OperatorPage } from "../OperatorPage.tsx";
import { OutcomeBadge } from "./OutcomeBadge.tsx";
import { RECONCILE_PATH, reportPath } from "./reconcile_path.ts";
import { ReportAge } from "./ReportAge.tsx";
import { RunNotice } from "./RunNotice.tsx";

export interface ReconcileModel {
  /** The run that a person started last. */
  readonly run: ReconcileRun | null;
  /** `died`: it gives no sign of life any more. */
  readonly phase: "none" | "running" | "done" | "failed" | "died";
  readonly reports: readonly ReconcileReport[];
  readonly firstHref: string | null;
  readonly nextHref: string | null;
  /** What was typed, where it was refused. */
  readonly tenantId: string;
  readonly error: string | null;
}

/** `progress` follows the run that is under way. */
export function ReconcilePage(
  { frame, model, progress }: {
    frame: OperatorFrame;
    model: ReconcileModel;
    progress: ComponentChildren;
  },
) {
  const [newest] = model.reports;
  return (
    <OperatorPage frame={frame} current={RECONCILE_PATH}>
      <PageHeader
        title="Reconciliation"
        lede="Our ledger against Stripe’s own summaries and invoice previews, to the unit. It runs every hour by itself."
        actions={newest !== undefined && model.firstHref === null &&
          <ReportAge report={newest} />}
      />
      {model.run !== null && <RunNotice run={model.run} phase={model.phase} progress={progress} />}
      {model.phase !== "running" && <StartForm model={model} />}
      <Card flush>
        <Reports reports={model.reports} />
        <Pagination firstHref={model.firstHref} nextHref={model.nextHref} />
      </Card>
    </OperatorPage>
  );
}

function StartForm({ model }: { model: ReconcileModel }) {
  return (
    <Form action={RECONCILE_PATH} class="filters" label="Compare now">
      <TextField
        name="tenant"
        label="Only this tenant id, or empty"
        value={model.tenantId}
        maxLength={100}
        spellcheck={false}
        error={model.error ?? undefined}
      />
      <Button kind="primary" icon="rotate">Compare now</Button>
    </Form>
  );
}

function Reports({ reports }: { reports: readonly ReconcileReport[] }) {
  return (
    <Table
      caption="Reports, newest first"
      rows={reports}
      rowKey={({ reportId }) => reportId}
      empty={
        <EmptyState title="Nothing was compared yet" icon="rotate">
          <p class="small">The next comes seven minutes past the hour.</p>
        </EmptyState>
      }
      columns={[
        {
          key: "at",
          label: "Finished",
          header: true,
          cell: ({ reportId, finishedAtMs }) => (
            <a href={reportPath(reportId)}>
              <DateTime atMs={finishedAtMs} style="moment" />
            </a>
          ),
        },
        {
          key: "took",
          label: "Took",
          end: true,
          cell: ({ startedAtMs, finishedAtMs }) => durationWords(finishedAtMs - startedAtMs),
        },
        {
          key: "rows",
          label: "Rows",
          end: true,
          cell: ({ rows }) => <Units units={BigInt(rows)} />,
        },
        {
          key: "outcome",
          label: "Outcome",
          cell: (report) => <OutcomeBadge report={report} />,
        },
        {
          key: "pending",
          label: "On the way",
          end: true,
          cell: ({ pending, late }) => <Units units={pending + late} />,
        },
        {
          key: "refused",
          label: "Refused",
          end: true,
          cell: ({ refused }) => <Units units={refused} />,
        },
        {
          key: "doubtful",
          label: "Doubtful",
          end: true,
          cell: ({ doubtful }) => <Units units={doubtful} />,
        },
        {
          key: "unexplained",
          label: "Unexplained",
          end: true,
          cell: ({ unexplained }) => <Units units={unexplained} />,
        },
      ]}
    />
  );
}
