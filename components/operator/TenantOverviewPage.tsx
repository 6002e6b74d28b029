import type { PlanVersion } from "@/lib/domain/plan.ts";
import { meterLabel } from "@/lib/domain/meter.ts";
import type { Statement } from "@/lib/domain/statement.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { PlanMove } from "@/lib/ports/subscription_ledger.ts";
import type { UsageAnomaly } from "@/lib/ports/watch_store.ts";
import type { BookLine } from "@/lib/ports/usage.ts";
import { BillLines } from "../portal/BillLines.tsx";
import { billOf } from "../portal/bill_of.ts";
import { UsageChart, type UsageSeries } from "../portal/UsageChart.tsx";
import { Badge } from "../ui/Badge.tsx";
import { Card } from "../ui/Card.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Facts } from "../ui/Facts.tsx";
import { formatUnits } from "../ui/format.ts";
import { Money } from "../ui/Money.tsx";
import { Table } from "../ui/Table.tsx";
import { Segmented } from "../ui/Tabs.tsx";
import { Units } from "../ui/Units.tsx";
import { useViewer } from "../ui/viewer.ts";
import { AnomalyTable } from "./AnomaliesPage.tsx";
import { MoveNotice } from "./MoveNotice.tsx";
import type { OperatorFrame } from "./OperatorPage.tsx";
import { tenantPath } from "./TenantLink.tsx";
import { type TenantFrame, TenantPage } from "./TenantPage.tsx";

export interface TenantOverviewModel {
  readonly tenant: Tenant;
  readonly plan: PlanVersion;
  /** `null` when a plan of the period is gone. */
  readonly statement: Statement | null;
  readonly books: readonly BookLine[];
  /** Where Stripe has yet to follow one. */
  readonly move: PlanMove | null;
  readonly anomalies: readonly UsageAnomaly[];
}

export function TenantOverviewPage(
  { frame, head, model }: {
    frame: OperatorFrame;
    head: TenantFrame;
    model: TenantOverviewModel;
  },
) {
  const { locale } = frame.viewer;
  return (
    <TenantPage frame={frame} head={head} tab="">
      <MoveNotice move={model.move} />
      <div class="main-aside">
        <div class="stack-lg">
          <Card title="Bill so far">
            {model.statement === null
              ? <EmptyState title="This period can't be priced" icon="warn" />
              : <BillLines bill={billOf(model.statement, locale)} />}
          </Card>
          <Card title="Books of this period" flush>
            <BooksTable books={model.books} />
          </Card>
        </div>
        <Card title="Facts">
          <TenantFacts model={model} />
        </Card>
      </div>
      {model.anomalies.length > 0 && (
        <Card title="Anomalies" flush>
          <AnomalyTable anomalies={model.anomalies} ofOneTenant />
        </Card>
      )}
    </TenantPage>
  );
}

function TenantFacts({ model: { tenant, plan } }: { model: TenantOverviewModel }) {
  const { budget } = tenant;
  return (
    <Facts
      wide
      facts={[
        { term: "Plan", value: <code>{tenant.planRevision}</code> },
        { term: "Customer", value: <code class="break">{tenant.stripeCustomerId ?? "–"}</code> },
        {
          term: "Subscription",
          value: <code class="break">{tenant.stripeSubscriptionId ?? "–"}</code>,
        },
        {
          term: "Budget",
          value: budget === null ? "none" : (
            <>
              <Money amount={budget.amount} currency={plan.currency} />
              {budget.stop ? ", stops" : ", alerts only"}
            </>
          ),
        },
        {
          term: "Served until",
          value: tenant.graceUntilMs === null ? "–" : <DateTime atMs={tenant.graceUntilMs} />,
        },
        { term: "Time zone", value: tenant.timeZone },
        { term: "Language", value: tenant.locale },
        { term: "Since", value: <DateTime atMs={tenant.createdAtMs} style="date" /> },
      ]}
    />
  );
}

function BooksTable({ books }: { books: readonly BookLine[] }) {
  return (
    <Table
      caption="Books by meter and plan version"
      rows={books}
      rowKey={(line) => `${line.meter} ${line.planRevision}`}
      empty={<EmptyState title="No usage in this period" icon="usage" />}
      columns={[
        {
          key: "meter",
          label: "Meter",
          header: true,
          cell: (line) => (
            <>
              {meterLabel(line.meter)}
              <div class="muted mono">{line.planRevision}</div>
            </>
          ),
        },
        {
          key: "acknowledged",
          label: "Acknowledged",
          end: true,
          cell: (line) => <Units units={line.acknowledged + line.adjusted} />,
        },
        {
          key: "underway",
          label: "Under way",
          end: true,
          cell: (line) => <Units units={line.log + line.windows + line.outbox} />,
        },
        {
          key: "stripe",
          label: "At Stripe",
          end: true,
          cell: (line) => <Units units={line.sent - line.rejected} />,
        },
        {
          key: "off",
          label: "Written off",
          end: true,
          cell: (line) => <Units units={line.writtenOff} />,
        },
        {
          key: "difference",
          label: "Difference",
          end: true,
          cell: (line) =>
            line.moving
              ? <Badge>moving</Badge>
              : line.difference === 0n
              ? <Badge tone="good">0</Badge>
              : (
                <Badge tone="bad">
                  <Units units={line.difference} />
                </Badge>
              ),
        },
      ]}
    />
  );
}

export interface TenantUsageModel {
  readonly range: "1" | "7" | "30";
  readonly series: UsageSeries;
}

export function TenantUsagePage(
  { frame, head, model }: { frame: OperatorFrame; head: TenantFrame; model: TenantUsageModel },
) {
  const path = tenantPath(head.tenantId, "usage");
  return (
    <TenantPage frame={frame} head={head} tab="usage">
      <Segmented
        label="Range"
        current={`${path}?days=${model.range}`}
        options={[
          { href: `${path}?days=1`, label: "24 hours" },
          { href: `${path}?days=7`, label: "7 days" },
          { href: `${path}?days=30`, label: "30 days" },
        ]}
      />
      <Card title="Units">
        <UsageFigures model={model} />
      </Card>
    </TenantPage>
  );
}

function UsageFigures({ model: { series } }: { model: TenantUsageModel }) {
  const { locale } = useViewer();
  if (series.total === 0n) return <EmptyState title="No usage in this range" icon="usage" />;
  return (
    <>
      <UsageChart
        series={series}
        height={230}
        summary={`${formatUnits(series.total, locale)} units, by ${series.granularity}.`}
      />
      <Table
        caption="Units by meter"
        rows={series.parts}
        rowKey={({ key }) => key}
        empty={null}
        cards={false}
        foot
        columns={[
          {
            key: "meter",
            label: "Meter",
            header: true,
            cell: ({ label }) => label,
            foot: "All",
          },
          {
            key: "units",
            label: "Units",
            end: true,
            cell: ({ total }) => <Units units={total} />,
            foot: <Units units={series.total} />,
          },
        ]}
      />
    </>
  );
}
