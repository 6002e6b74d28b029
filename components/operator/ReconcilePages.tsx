import type { ComponentChildren } from "preact";
import { meterLabel } from "@/lib/domain/meter.ts";
import type { ReconcileReport, ReconcileRow, ReconcileRun } from "@/lib/ports/billing_store.ts";
import { StackBar } from "../charts/StackBar.tsx";
import { Badge } from "../ui/Badge.tsx";
import { Button, ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { formatUnits } from "../ui/format.ts";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Pagination } from "../ui/Pagination.tsx";
import { StaleBadge } from "../ui/StaleBadge.tsx";
import { Stat, Stats } from "../ui/Stat.tsx";
import { Table } from "../ui/Table.tsx";
import { Segmented } from "../ui/Tabs.tsx";
import { Units } from "../ui/Units.tsx";
import { useViewer } from "../ui/viewer.ts";
import { durationWords } from "./duration_words.ts";
import { type OperatorFrame, OperatorPage } from "./OperatorPage.tsx";
import { entryPath } from "./OutboxPage.tsx";
import { TenantFilter } from "./TenantFilter.tsx";
import { TenantLink } from "./TenantLink.tsx";

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

const PATH = "/operator/reconcile";
/** Compared every hour; after two missed runs a report says little about now. */
const STALE_AFTER_MS = 2 * 3_600_000;

function pathOf(reportId: string): string {
  return `${PATH}/${encodeURIComponent(reportId)}`;
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
    <OperatorPage frame={frame} current={PATH}>
      <PageHeader
        title="Reconciliation"
        lede="Our ledger against Stripe’s own summaries and invoice previews, to the unit. It runs every hour by itself."
        actions={newest !== undefined && model.firstHref === null &&
          <StaleBadge asOfMs={newest.finishedAtMs} staleAfterMs={STALE_AFTER_MS} />}
      />
      {model.run !== null && <Run run={model.run} phase={model.phase} progress={progress} />}
      {model.phase !== "running" && <StartForm model={model} />}
      <Card flush>
        <Reports reports={model.reports} />
        <Pagination firstHref={model.firstHref} nextHref={model.nextHref} />
      </Card>
    </OperatorPage>
  );
}

function Run(
  { run, phase, progress }: {
    run: ReconcileRun;
    phase: ReconcileModel["phase"];
    progress: ComponentChildren;
  },
) {
  const { checked, total, runId, detail, startedAtMs, startedBy } = run;
  if (phase === "running") {
    return (
      <Card
        title="A comparison is under way"
        note={
          <>
            Started <DateTime atMs={startedAtMs} style="relative" /> by <bdi>{startedBy}</bdi>,{" "}
            {scopeWords(run)}.
          </>
        }
      >
        {progress}
        <p class="small">
          <a href={PATH}>How far is it now?</a>
        </p>
      </Card>
    );
  }
  if (phase === "failed") {
    return (
      <Notice tone="bad" title="The last comparison failed">
        <span class="break">{detail}</span>{" "}
        Nothing of it was kept. Those of the hour go on; it can be started again.
      </Notice>
    );
  }
  if (phase === "died") {
    return (
      <Notice tone="bad" title="The last comparison stopped half-way">
        After {checked} of {total}{" "}
        tenants nothing was heard of it: its instance is gone. Nothing of it was kept. Start it
        again.
      </Notice>
    );
  }
  return (
    <Notice tone="good" title="The last comparison is through">
      <a href={pathOf(runId)}>Open its report</a>
    </Notice>
  );
}

function scopeWords({ tenantId, total }: ReconcileRun): string {
  return tenantId === null ? `over all ${total} tenants` : `for ${tenantId} alone`;
}

function StartForm({ model }: { model: ReconcileModel }) {
  return (
    <Form action={PATH} class="filters" label="Compare now">
      <TextField
        name="tenant"
        label="Only this tenant id"
        value={model.tenantId}
        maxLength={100}
        spellcheck={false}
        hint="Empty for all."
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
            <a href={pathOf(reportId)}>
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
          cell: (report) => <Outcome report={report} />,
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

function Outcome(
  { report: { differences, failures } }: { report: ReconcileReport },
) {
  return (
    <>
      {differences === 0
        ? <Badge tone="good" dot>agrees</Badge>
        : <Badge tone="bad" dot>{differences === 1 ? "1 differs" : `${differences} differ`}</Badge>}
      {failures.length > 0 && (
        <div>
          <Badge tone="warn" dot>
            {failures.length === 1 ? "1 tenant failed" : `${failures.length} tenants failed`}
          </Badge>
        </div>
      )}
    </>
  );
}

export interface ReportModel {
  readonly report: ReconcileReport;
  readonly show: "all" | "differ";
  readonly tenantId: string;
  readonly allHref: string;
  readonly differHref: string;
  readonly csvHref: string;
  readonly rows: readonly ReconcileRow[];
  readonly firstHref: string | null;
  readonly nextHref: string | null;
}

const FAILURES_SHOWN = 100;

export function ReportPage({ frame, model }: { frame: OperatorFrame; model: ReportModel }) {
  const { report } = model;
  return (
    <OperatorPage frame={frame} current={PATH}>
      <PageHeader
        title="Reconciliation report"
        crumbs={[{ href: PATH, label: "Reconciliation" }]}
        lede={
          <>
            <code class="break">{report.reportId}</code> <Outcome report={report} />
          </>
        }
        actions={
          <>
            <StaleBadge asOfMs={report.finishedAtMs} staleAfterMs={STALE_AFTER_MS} />
            <ButtonLink href={model.csvHref} size="sm" icon="download" download>CSV</ButtonLink>
          </>
        }
      />
      <Figures report={report} />
      {report.failures.length > 0 && <Failures failures={report.failures} />}
      <RowFilters model={model} />
      <Card flush>
        <Rows model={model} />
        <Pagination firstHref={model.firstHref} nextHref={model.nextHref} order="own" />
      </Card>
    </OperatorPage>
  );
}

function Figures({ report }: { report: ReconcileReport }) {
  const { locale } = useViewer();
  const { pending, late, refused, doubtful, unexplained } = report;
  const parts = [
    { key: "pending", label: "not sent yet", class: "s4", units: pending },
    { key: "late", label: "sent, not summed up yet", class: "s1", units: late },
    { key: "refused", label: "refused", class: "s2", units: refused },
    { key: "doubtful", label: "doubtful", class: "s3", units: doubtful },
    { key: "unexplained", label: "unexplained", class: "s-bad", units: unexplained },
  ];
  return (
    <>
      <Stats>
        <Stat label="Rows" value={<Units units={BigInt(report.rows)} />} />
        <Stat label="Differ" value={<Units units={BigInt(report.differences)} />} />
        <Stat
          label="Unexplained"
          value={<Units units={unexplained} />}
          note="units, anything but 0 is a defect"
        />
        <Stat
          label="Failed tenants"
          value={<Units units={BigInt(report.failures.length)} />}
          note={report.failures.length === 0 ? "all were compared" : "listed below"}
        />
      </Stats>
      {parts.some(({ units }) => units > 0n) && (
        <Card title="Units that Stripe does not show as the ledger does">
          <StackBar
            summary={parts.map(({ label, units }) => `${formatUnits(units, locale)} ${label}`)
              .join(", ")}
            parts={parts.filter(({ units }) => units > 0n).map(({ units, label, ...part }) => ({
              ...part,
              label: `${formatUnits(units, locale)} ${label}`,
              value: Number(units),
            }))}
          />
        </Card>
      )}
    </>
  );
}

function Failures({ failures }: { failures: ReconcileReport["failures"] }) {
  const more = failures.length - FAILURES_SHOWN;
  return (
    <Card
      title="Tenants that could not be compared"
      note={more > 0 ? `The first ${FAILURES_SHOWN} of ${failures.length}.` : undefined}
      flush
    >
      <Table
        caption="Failed tenants"
        rows={failures.slice(0, FAILURES_SHOWN)}
        rowKey={({ tenantId }) => tenantId}
        empty={null}
        columns={[
          {
            key: "tenant",
            label: "Tenant",
            header: true,
            cell: ({ tenantId }) => <TenantLink tenantId={tenantId} />,
          },
          { key: "why", label: "Why", cell: ({ detail }) => <span class="break">{detail}</span> },
        ]}
      />
    </Card>
  );
}

function RowFilters({ model }: { model: ReportModel }) {
  const { show, report } = model;
  const path = pathOf(report.reportId);
  return (
    <>
      <Segmented
        label="Which rows"
        current={show === "all" ? model.allHref : model.differHref}
        options={[
          { href: model.allHref, label: "All rows" },
          { href: model.differHref, label: "Only differences" },
        ]}
      />
      <TenantFilter
        path={path}
        filters={show === "differ" ? { show } : {}}
        tenantId={model.tenantId}
        allHref={path}
      />
    </>
  );
}

function Rows({ model: { rows, show, nextHref } }: { model: ReportModel }) {
  return (
    <Table
      caption="Ledger and Stripe by tenant, meter and period"
      rows={rows}
      rowKey={(row) => JSON.stringify([row.tenantId, row.meter, row.periodId])}
      empty={
        <EmptyState
          title={nextHref !== null
            ? "None on this page; go on with the next"
            : show === "differ"
            ? "No row differs"
            : "No row"}
          icon={show === "differ" && nextHref === null ? "check" : "list"}
        />
      }
      columns={[
        {
          key: "line",
          label: "Tenant and meter",
          header: true,
          cell: ({ tenantId, meter, periodId }) => (
            <>
              <TenantLink tenantId={tenantId} />
              <div>{meterLabel(meter)}</div>
              <div class="muted mono small">{periodId}</div>
            </>
          ),
        },
        {
          key: "ledger",
          label: "Ledger",
          end: true,
          cell: ({ ledger }) => <Units units={ledger} />,
        },
        {
          key: "stripe",
          label: "Stripe",
          end: true,
          cell: ({ stripe }) => <Units units={stripe} />,
        },
        {
          key: "invoiced",
          label: "On the invoice",
          end: true,
          cell: ({ invoiced, stripe }) =>
            invoiced === null
              ? <span class="muted">not asked</span>
              : invoiced === stripe
              ? <Units units={invoiced} />
              : (
                <Badge tone="bad">
                  <Units units={invoiced} />
                </Badge>
              ),
        },
        { key: "why", label: "Explained by", cell: (row) => <Explained row={row} /> },
        {
          key: "unexplained",
          label: "Unexplained",
          end: true,
          cell: ({ unexplained }) => (
            <Badge tone={unexplained === 0n ? "good" : "bad"}>
              <Units units={unexplained} />
            </Badge>
          ),
        },
      ]}
    />
  );
}

function Explained({ row }: { row: ReconcileRow }) {
  const { pending, late, refused, doubtful, evidence } = row;
  const said = [
    ["not sent yet", pending],
    ["sent, not summed up yet", late],
    ["refused", refused],
    ["doubtful", doubtful],
  ] as const;
  const explained = said.filter(([, units]) => units !== 0n);
  if (explained.length === 0 && evidence.length === 0) return <span class="muted">–</span>;
  return (
    <>
      {explained.map(([word, units]) => (
        <div key={word}>
          <Units units={units} /> {word}
        </div>
      ))}
      {evidence.length > 0 && (
        <details class="small">
          <summary>{evidence.length === 1 ? "1 entry" : `${evidence.length} entries`}</summary>
          <ul>
            {evidence.map(({ identifier, state, units }) => (
              <li key={identifier}>
                <a class="mono break" href={entryPath(identifier)}>{identifier}</a>{" "}
                {state.replace("_", " ")}, <Units units={units} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
