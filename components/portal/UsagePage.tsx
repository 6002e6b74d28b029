import type { ComponentChildren } from "preact";
import { Button, ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Form } from "../ui/Form.tsx";
import { formatUnits } from "../ui/format.ts";
import { TextField } from "../ui/Field.tsx";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Pagination } from "../ui/Pagination.tsx";
import { Select } from "../ui/Select.tsx";
import { StaleBadge } from "../ui/StaleBadge.tsx";
import { type Column, Table } from "../ui/Table.tsx";
import { Segmented } from "../ui/Tabs.tsx";
import { Units } from "../ui/Units.tsx";
import { meterLabel } from "@/lib/domain/meter.ts";
import type { UsageRow } from "@/lib/portal/usage_rows.ts";
import type { UsageShow } from "@/lib/portal/usage_view.ts";
import { type PortalFrame, PortalPage } from "./PortalPage.tsx";
import { UsageChart, type UsageSeries } from "./UsageChart.tsx";

export interface UsageModel {
  readonly asOfMs: number;
  readonly series: UsageSeries;
  /** A page of the slots that hold anything, newest first. */
  readonly table: {
    readonly rows: readonly UsageRow[];
    readonly firstHref: string | null;
    readonly nextHref: string | null;
  };
  /** Bounds as shown, UTC; `clipped` says that more was asked for than is shown. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly clipped: string | null;
  readonly filters: {
    readonly from: string;
    readonly to: string;
    readonly granularity: string;
    readonly show: UsageShow;
    readonly meter: string;
    readonly keyId: string;
    readonly feature: string;
    readonly status: string;
  };
  /** Figures come from the counts of the request log, not from the books. */
  readonly isLogged: boolean;
  /** Usual ranges; `currentRange` is the address of the one shown, empty for another. */
  readonly ranges: readonly { readonly label: string; readonly href: string }[];
  readonly currentRange: string;
  readonly meters: readonly string[];
  readonly keys: readonly { readonly keyId: string; readonly name: string }[];
  /** Routes and HTTP statuses that the tenant's calls ever had. */
  readonly features: readonly string[];
  readonly statuses: readonly string[];
  readonly csvHref: string;
  /** What a range chosen on the chart is made from. */
  readonly zoom: {
    readonly fromMs: number;
    readonly stepMs: number;
    readonly query: Readonly<Record<string, string>>;
  };
}

const NOTHING_METERED = "Nothing was metered in this range";
const NOTHING_CALLED = "No calls in this range";

/** `reader` is an island that tells the figures under the pointer; the table has them all. */
export function UsagePage(
  { frame, model, reader }: {
    frame: PortalFrame;
    model: UsageModel;
    reader?: ComponentChildren;
  },
) {
  const { locale } = frame.viewer;
  const { series } = model;
  const daily = series.granularity === "day";
  const { what, empty } = SHOWN[model.filters.show];
  const bounds = { style: daily ? "date" : "datetime", utc: daily } as const;
  return (
    <PortalPage frame={frame} current="/portal/usage">
      <PageHeader
        title="Usage"
        lede={
          <>
            <DateTime atMs={model.fromMs} {...bounds} /> to{" "}
            <DateTime atMs={daily ? model.toMs - 1 : model.toMs} {...bounds} />.
            {daily && " Days are UTC days, as billed."}
          </>
        }
        actions={
          <>
            <StaleBadge asOfMs={model.asOfMs} />
            <ButtonLink href={model.csvHref} icon="download" size="sm" download>CSV</ButtonLink>
          </>
        }
      />
      <Segmented label="Range" options={model.ranges} current={model.currentRange} />
      <Filters model={model} />
      {model.clipped !== null && <Notice tone="warn">{model.clipped}</Notice>}
      <Card
        title={what}
        note={model.isLogged
          ? "Counted from the request log, which a crash can cut short by seconds; bills come from the books of units by meter."
          : undefined}
      >
        {series.total === 0n
          ? (
            <EmptyState title={empty} icon="usage">
              <p class="small">Widen the range or clear a filter.</p>
            </EmptyState>
          )
          : (
            <UsageChart
              series={series}
              height={280}
              summary={`${what} per ${series.granularity}, ${
                formatUnits(series.total, locale)
              } in all; the table below has the same figures.`}
            >
              {reader}
            </UsageChart>
          )}
      </Card>
      {series.total > 0n && <UsageTable model={model} />}
    </PortalPage>
  );
}

function Filters({ model }: { model: UsageModel }) {
  const { filters } = model;
  return (
    <Form action="/portal/usage" method="get" class="filters" label="Filter usage">
      <TextField
        name="from"
        label="From (UTC)"
        type="datetime-local"
        value={filters.from}
        step="60"
      />
      <TextField name="to" label="To (UTC)" type="datetime-local" value={filters.to} step="60" />
      <Select
        name="show"
        label="Show"
        value={filters.show}
        options={Object.entries(SHOWN).map(([value, { what }]) => ({ value, label: what }))}
      />
      <Select
        name="granularity"
        label="Per"
        value={filters.granularity}
        options={[
          { value: "minute", label: "Minute" },
          { value: "hour", label: "Hour" },
          { value: "day", label: "Day" },
        ]}
      />
      <Select
        name="meter"
        label="Meter"
        value={filters.meter}
        options={[
          { value: "", label: "All meters" },
          ...model.meters.map((meter) => ({ value: meter, label: meterLabel(meter) })),
        ]}
      />
      <Select
        name="key"
        label="API key"
        value={filters.keyId}
        options={[
          { value: "", label: "All keys" },
          ...model.keys.map((key) => ({ value: key.keyId, label: key.name })),
        ]}
      />
      <Select
        name="feature"
        label="Feature"
        value={filters.feature}
        options={[
          { value: "", label: "All features" },
          ...model.features.map((route) => ({ value: route, label: route })),
        ]}
      />
      <Select
        name="status"
        label="Status"
        value={filters.status}
        options={[
          { value: "", label: "All statuses" },
          { value: "served", label: "Served" },
          { value: "refused", label: "Refused, 4xx" },
          { value: "failed", label: "Failed, 5xx" },
          ...model.statuses.map((status) => ({ value: status, label: status })),
        ]}
      />
      <Button kind="plain">Apply</Button>
    </Form>
  );
}

const SHOWN: Readonly<Record<UsageShow, { readonly what: string; readonly empty: string }>> = {
  units_by_meter: { what: "Units by meter", empty: NOTHING_METERED },
  units_by_key: { what: "Units by API key", empty: NOTHING_METERED },
  units_by_feature: { what: "Units by feature", empty: NOTHING_METERED },
  calls_by_status: { what: "Calls by status", empty: NOTHING_CALLED },
  calls_by_feature: { what: "Calls by feature", empty: NOTHING_CALLED },
  calls_by_key: { what: "Calls by API key", empty: NOTHING_CALLED },
};

const WORDS = {
  units: "Units",
  calls: "Calls",
  meter: "meter",
  key: "API key",
  feature: "feature",
  status: "status",
} as const;

/** The rows behind the chart, a page of them; the last line sums the whole range. */
function UsageTable({ model: { series, table } }: { model: UsageModel }) {
  const isWhole = table.firstHref === null && table.nextHref === null;
  const parts: readonly Column<UsageRow>[] = series.parts.map((one) => ({
    key: one.key,
    label: one.label,
    end: true,
    cell: (row) => <Units units={one.units[row.at] ?? 0n} />,
    foot: <Units units={one.total} />,
  }));
  return (
    <Card title="The same as a table" id="table" flush>
      <Table
        caption={`${WORDS[series.measure]} per ${series.granularity} and ${WORDS[series.split]}`}
        rows={table.rows}
        rowKey={(row) => String(row.startMs)}
        empty={<EmptyState title="Nothing before that in this range" icon="usage" />}
        foot
        cards={false}
        columns={[
          {
            key: "time",
            label: "Starting",
            header: true,
            foot: isWhole ? "Total" : "Total of the range",
            cell: (row) => {
              const daily = series.granularity === "day";
              const time = (
                <DateTime atMs={row.startMs} style={daily ? "date" : "datetime"} utc={daily} />
              );
              return row.href === null ? time : <a href={row.href}>{time}</a>;
            },
          },
          ...parts,
          {
            key: "total",
            label: "All",
            end: true,
            cell: (row) => <Units units={row.total} />,
            foot: <Units units={series.total} />,
          },
        ]}
      />
      <Pagination firstHref={table.firstHref} nextHref={table.nextHref} />
    </Card>
  );
}
