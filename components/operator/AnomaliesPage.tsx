import { meterLabel } from "@/lib/domain/meter.ts";
import type { UsageAnomaly } from "@/lib/ports/watch_store.ts";
import { Badge } from "../ui/Badge.tsx";
import { Card } from "../ui/Card.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { formatUnits } from "../ui/format.ts";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Table } from "../ui/Table.tsx";
import { useViewer } from "../ui/viewer.ts";
import { type OperatorFrame, OperatorPage } from "./OperatorPage.tsx";
import { TenantLink, type TenantNames } from "./TenantLink.tsx";

export interface AnomaliesModel {
  readonly anomalies: readonly UsageAnomaly[];
  readonly names: TenantNames;
}

export function AnomaliesPage({ frame, model }: { frame: OperatorFrame; model: AnomaliesModel }) {
  return (
    <OperatorPage frame={frame} current="/operator/anomalies" names={model.names}>
      <PageHeader
        title="Anomalies"
        lede="Hours of usage far from what the same hours of the past lead one to expect. Looked for every hour."
      />
      <Card flush>
        <AnomalyTable anomalies={model.anomalies} />
      </Card>
    </OperatorPage>
  );
}

export function AnomalyTable(
  { anomalies, ofOneTenant = false }: {
    anomalies: readonly UsageAnomaly[];
    /** Its name stands above. */
    ofOneTenant?: boolean;
  },
) {
  const { locale } = useViewer();
  return (
    <Table
      caption="Anomalies, newest first"
      rows={anomalies}
      rowKey={(row) => `${row.tenantId} ${row.meter} ${row.hourStartMs}`}
      empty={
        <EmptyState title="Nothing out of the ordinary" icon="anomaly">
          <p class="small">A tenant needs some weeks of usage before its hours can be judged.</p>
        </EmptyState>
      }
      columns={[
        {
          key: "hour",
          label: "Hour",
          header: true,
          cell: (row) => <DateTime atMs={row.hourStartMs} />,
        },
        {
          key: "kind",
          label: "Kind",
          cell: (row) => <Badge tone={row.kind === "spike" ? "warn" : "info"} dot>{row.kind}
          </Badge>,
        },
        ...ofOneTenant ? [] : [{
          key: "tenant",
          label: "Tenant",
          cell: (row: UsageAnomaly) => <TenantLink tenantId={row.tenantId} />,
        }],
        { key: "meter", label: "Meter", cell: (row) => meterLabel(row.meter) },
        {
          key: "units",
          label: "Units",
          end: true,
          cell: (row) => formatUnits(Math.round(row.units), locale),
        },
        {
          key: "expected",
          label: "Expected",
          end: true,
          cell: (row) => formatUnits(Math.round(row.expected), locale),
        },
        {
          key: "score",
          label: "Score",
          end: true,
          cell: (row) => row.score.toFixed(1),
        },
      ]}
    />
  );
}
