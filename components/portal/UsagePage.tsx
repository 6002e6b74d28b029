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
import { Select } from "../ui/Select.tsx";
import { StaleBadge } from "../ui/StaleBadge.tsx";
import { type Column, Table } from "../ui/Table.tsx";
import { Segmented } from "../ui/Tabs.tsx";
import { Units } from "../ui/Units.tsx";
import { meterLabel } from "@/lib/domain/meter.ts";
import { type PortalFrame, PortalPage } from "./PortalPage.tsx";
import { UsageChart, type UsageSeries } from "./UsageChart.tsx";

export interface UsageModel {
  readonly asOfMs: number;
  readonly series: UsageSeries;
  /** Bounds as shown, UTC; `clipped` says that more was asked for than is shown. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly clipped: string | null;
  readonly filters: {
    readonly from: string;
    readonly to: string;
    readonly granularity: string;
    readonly meter: string;
    readonly keyId: string;
  };
  /** Usual ranges; `currentRange` is the address of the one shown, empty for another. */
  readonly ranges: readonly { readonly label: string; readonly href: string }[];
  readonly currentRange: string;
  readonly meters: readonly string[];
  readonly keys: readonly { readonly keyId: string; readonly name: string }[];
  readonly csvHref: string;
}

export function UsagePage(
  { frame, model, live }: { frame: PortalFrame; model: UsageModel; live?: ComponentChildren },
) {
  const { locale } = frame.viewer;
  const { series } = model;
  const daily = series.granularity === "day";
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
      {live ?? null}
      <Card title="Units by meter">
        {series.total === 0n
          ? (
            <EmptyState title="Nothing was metered in this range" icon="usage">
              <p class="small">Widen the range or clear a filter.</p>
            </EmptyState>
          )
          : (
            <UsageChart
              series={series}
              height={280}
              summary={`Units per ${series.granularity}, ${
                formatUnits(series.total, locale)
              } in all; the table below has the same figures.`}
            />
          )}
      </Card>
      {series.total > 0n && <UsageTable series={series} />}
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
      <Button kind="plain">Apply</Button>
    </Form>
  );
}

interface UsageRow {
  readonly startMs: number;
  readonly href: string | null;
  readonly at: number;
  readonly total: bigint;
}

/** The rows behind the chart, newest first; empty slots are left out. */
function UsageTable({ series }: { series: UsageSeries }) {
  const rows: readonly UsageRow[] = series.slots
    .map((slot, at) => ({
      startMs: slot.startMs,
      href: slot.href,
      at,
      total: series.meters.reduce((sum, one) => sum + (one.units[at] ?? 0n), 0n),
    }))
    .filter((row) => row.total > 0n)
    .reverse();
  const meters: readonly Column<UsageRow>[] = series.meters.map((one) => ({
    key: one.meter,
    label: meterLabel(one.meter),
    end: true,
    cell: (row) => <Units units={one.units[row.at] ?? 0n} />,
    foot: <Units units={one.total} />,
  }));
  return (
    <Card title="The same as a table" flush>
      <Table
        caption={`Units per ${series.granularity} and meter`}
        rows={rows}
        rowKey={(row) => String(row.startMs)}
        empty={null}
        foot
        cards={false}
        columns={[
          {
            key: "time",
            label: "Starting",
            header: true,
            foot: "Total",
            cell: (row) => {
              const daily = series.granularity === "day";
              const time = (
                <DateTime atMs={row.startMs} style={daily ? "date" : "datetime"} utc={daily} />
              );
              return row.href === null ? time : <a href={row.href}>{time}</a>;
            },
          },
          ...meters,
          {
            key: "total",
            label: "All",
            end: true,
            cell: (row) => <Units units={row.total} />,
            foot: <Units units={series.total} />,
          },
        ]}
      />
    </Card>
  );
}
