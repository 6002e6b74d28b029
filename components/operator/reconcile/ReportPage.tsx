import type { ReconcileReport, ReconcileRow } from "@/lib/ports/report_store.ts";
import { ButtonLink } from "../../ui/Button.tsx";
import { Card } from "../../ui/Card.tsx";
import { PageHeader } from "../../ui/PageHeader.tsx";
import { Pagination } from "../../ui/Pagination.tsx";
import { Table } from "../../ui/Table.tsx";
import { Segmented } from "../../ui/Tabs.tsx";
import { type OperatorFrame, OperatorPage } from "../OperatorPage.tsx";
import { TenantFilter } from "../TenantFilter.tsx";
import { TenantLink, type TenantNames } from "../TenantLink.tsx";
import { OutcomeBadge } from "./OutcomeBadge.tsx";
import { RECONCILE_PATH, reportPath } from "./reconcile_path.ts";
import { ReportAge } from "./ReportAge.tsx";
import { ReportFigures } from "./ReportFigures.tsx";
import { ReportRowsTable } from "./ReportRowsTable.tsx";

export interface ReportModel {
  readonly report: ReconcileReport;
  readonly show: "all" | "differ";
  readonly tenantId: string;
  readonly allHref: string;
  readonly differHref: string;
  readonly csvHref: string;
  readonly rows: readonly ReconcileRow[];
  /** The first of the report's. */
  readonly failures: ReconcileReport["failures"];
  readonly names: TenantNames;
  readonly firstHref: string | null;
  readonly nextHref: string | null;
}

export function ReportPage({ frame, model }: { frame: OperatorFrame; model: ReportModel }) {
  const { report } = model;
  return (
    <OperatorPage frame={frame} current={RECONCILE_PATH} names={model.names}>
      <PageHeader
        title="Reconciliation report"
        crumbs={[{ href: RECONCILE_PATH, label: "Reconciliation" }]}
        lede={
          <>
            <code class="break">{report.reportId}</code> <OutcomeBadge report={report} />
          </>
        }
        actions={
          <>
            <ReportAge report={report} />
            <ButtonLink href={model.csvHref} size="sm" icon="download" download>CSV</ButtonLink>
          </>
        }
      />
      <ReportFigures report={report} />
      {report.failures.length > 0 && <Failures model={model} />}
      <RowFilters model={model} />
      <Card flush>
        <ReportRowsTable model={model} />
        <Pagination firstHref={model.firstHref} nextHref={model.nextHref} order="own" />
      </Card>
    </OperatorPage>
  );
}

function Failures({ model: { report, failures } }: { model: ReportModel }) {
  const all = report.failures.length;
  return (
    <Card
      title="Tenants that could not be compared"
      note={all > failures.length ? `The first ${failures.length} of ${all}.` : undefined}
      flush
    >
      <Table
        caption="Failed tenants"
        rows={failures}
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
  const path = reportPath(report.reportId);
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
