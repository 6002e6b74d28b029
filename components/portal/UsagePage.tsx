import type { ComponentChildren } from "preact";
import { Button, ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Form } from "../ui/Form.tsx";
import { formatTime, formatUnits } from "../ui/format.ts";
import { TextField } from "../ui/Field.tsx";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Pagination } from "../ui/Pagination.tsx";
import { Select } from "../ui/Select.tsx";
import { StaleBadge } from "../ui/StaleBadge.tsx";
import { type Column, Table } from "../ui/Table.tsx";
import { Segmented } from "../ui/Tabs.tsx";
import { Units } from "../ui/Units.tsx";
import type { UsageRow } from "@/lib/portal/usage_rows.ts";
import type { UsageShow } from "@/lib/portal/usage_view.ts";
import { type PortalFrame, PortalPage } from "./PortalPage.tsx";
import { UsageChart, type UsageSeries } from "./UsageChart.tsx";
import { useWords, wordsIn } from "./words.ts";

type RangeKey =
  | "range_3_hours"
  | "range_24_hours"
  | "range_7_days"
  | "range_30_days"
  | "range_period"
  | "range_90_days"
  | "range_13_months";

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
  readonly clipped: "minute" | "hour" | "day" | "log" | null;
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
  readonly ranges: readonly { readonly label: RangeKey; readonly href: string }[];
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

/** `reader` is an island that tells the figures under the pointer; the table has them all. */
export function UsagePage(
  { frame, model, reader }: {
    frame: PortalFrame;
    model: UsageModel;
    reader?: ComponentChildren;
  },
) {
  const { locale, timeZone } = frame.viewer;
  const { say } = wordsIn(locale);
  const { series } = model;
  const daily = series.granularity === "day";
  const what = say(`show_${model.filters.show}`);
  const bound = (atMs: number) =>
    formatTime(atMs, {
      style: daily ? "date" : "datetime",
      locale,
      timeZone: daily ? "UTC" : timeZone,
    });
  const between = say("range_between", {
    from: bound(model.fromMs),
    to: bound(daily ? model.toMs - 1 : model.toMs),
  });
  return (
    <PortalPage frame={frame} current="/portal/usage">
      <PageHeader
        title={say("nav_usage")}
        lede={daily ? `${between} ${say("utc_days")}` : between}
        actions={
          <>
            <StaleBadge asOfMs={model.asOfMs} />
            <ButtonLink href={model.csvHref} icon="download" size="sm" download>CSV</ButtonLink>
          </>
        }
      />
      <Segmented
        label={say("range")}
        options={model.ranges.map(({ label, href }) => ({ label: say(label), href }))}
        current={model.currentRange}
      />
      <Filters model={model} />
      {model.clipped !== null && <Notice tone="warn">{say(`clipped_${model.clipped}`)}</Notice>}
      <Card title={what} note={model.isLogged ? say("logged_note") : undefined}>
        {series.total === 0n
          ? (
            <EmptyState
              title={say(series.measure === "units" ? "nothing_metered" : "no_calls_in_range")}
              icon="usage"
            >
              <p class="small">{say("widen_or_clear")}</p>
            </EmptyState>
          )
          : (
            <UsageChart
              series={series}
              height={280}
              summary={say("usage_summary", {
                what,
                step: say(`step_${series.granularity}`),
                total: formatUnits(series.total, locale),
              })}
            >
              {reader}
            </UsageChart>
          )}
      </Card>
      {series.total > 0n && <UsageTable model={model} />}
    </PortalPage>
  );
}

const STEPS = ["minute", "hour", "day"] as const;
const SHOWS = [
  "units_by_meter",
  "units_by_key",
  "units_by_feature",
  "calls_by_status",
  "calls_by_feature",
  "calls_by_key",
] as const satisfies readonly UsageShow[];

function Filters({ model }: { model: UsageModel }) {
  const { say, meterWords } = useWords();
  const { filters } = model;
  const instant = { type: "datetime-local", step: "60" } as const;
  return (
    <Form action="/portal/usage" method="get" class="filters" label={say("filter_usage")}>
      <TextField name="from" label={say("from_utc")} value={filters.from} {...instant} />
      <TextField name="to" label={say("to_utc")} value={filters.to} {...instant} />
      <Select
        name="show"
        label={say("show")}
        value={filters.show}
        options={SHOWS.map((value) => ({ value, label: say(`show_${value}`) }))}
      />
      <Select
        name="granularity"
        label={say("per")}
        value={filters.granularity}
        options={STEPS.map((value) => ({ value, label: say(`per_${value}`) }))}
      />
      <Select
        name="meter"
        label={say("meter")}
        value={filters.meter}
        options={[
          { value: "", label: say("all_meters") },
          ...model.meters.map((meter) => ({ value: meter, label: meterWords(meter) })),
        ]}
      />
      <Select
        name="key"
        label={say("api_key")}
        value={filters.keyId}
        options={[
          { value: "", label: say("all_keys") },
          ...model.keys.map((key) => ({ value: key.keyId, label: key.name })),
        ]}
      />
      <Select
        name="feature"
        label={say("feature")}
        value={filters.feature}
        options={[
          { value: "", label: say("all_features") },
          ...model.features.map((route) => ({ value: route, label: route })),
        ]}
      />
      <Select
        name="status"
        label={say("status")}
        value={filters.status}
        options={[
          { value: "", label: say("all_statuses") },
          { value: "served", label: say("status_served") },
          { value: "refused", label: say("status_refused") },
          { value: "failed", label: say("status_failed") },
          ...model.statuses.map((status) => ({ value: status, label: status })),
        ]}
      />
      <Button kind="plain">{say("apply")}</Button>
    </Form>
  );
}

/** The rows behind the chart, a page of them; the last line sums the whole range. */
function UsageTable({ model: { series, table, filters } }: { model: UsageModel }) {
  const { say } = useWords();
  const isWhole = table.firstHref === null && table.nextHref === null;
  const daily = series.granularity === "day";
  const parts: readonly Column<UsageRow>[] = series.parts.map((one) => ({
    key: one.key,
    label: one.label,
    end: true,
    cell: (row) => <Units units={one.units[row.at] ?? 0n} />,
    foot: <Units units={one.total} />,
  }));
  return (
    <Card title={say("as_table")} id="table" flush>
      <Table
        caption={say(`show_${filters.show}`)}
        rows={table.rows}
        rowKey={(row) => String(row.startMs)}
        empty={<EmptyState title={say("nothing_before")} icon="usage" />}
        foot
        cards={false}
        columns={[
          {
            key: "time",
            label: say("starting"),
            header: true,
            foot: say(isWhole ? "total" : "total_of_range"),
            cell: (row) => {
              const time = (
                <DateTime atMs={row.startMs} style={daily ? "date" : "datetime"} utc={daily} />
              );
              return row.href === null ? time : <a href={row.href}>{time}</a>;
            },
          },
          ...parts,
          {
            key: "total",
            label: say("all"),
            end: true,
            cell: (row) => <Units units={row.total} />,
            foot: <Units units={series.total} />,
          },
        ]}
      />
      <Pagination
        firstHref={table.firstHref}
        nextHref={table.nextHref}
      />
    </Card>
  );
}
