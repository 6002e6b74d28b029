import { meterLabel } from "@/lib/domain/meter.ts";
import type { OutboxEntry, OutboxState } from "@/lib/domain/outbox.ts";
import type { Units as UnitCount } from "@/lib/domain/plan.ts";
import type { LineId } from "@/lib/domain/segment.ts";
import type { PipelineStatus } from "@/lib/ports/usage.ts";
import { Card } from "../../ui/Card.tsx";
import { DateTime } from "../../ui/DateTime.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { formatUnits } from "../../ui/format.ts";
import { PageHeader } from "../../ui/PageHeader.tsx";
import { Pagination } from "../../ui/Pagination.tsx";
import { StaleBadge } from "../../ui/StaleBadge.tsx";
import { Table } from "../../ui/Table.tsx";
import { Segmented } from "../../ui/Tabs.tsx";
import { Units } from "../../ui/Units.tsx";
import { useViewer } from "../../ui/viewer.ts";
import { type OperatorFrame, OperatorPage } from "../OperatorPage.tsx";
import { TenantFilter } from "../TenantFilter.tsx";
import { TenantLink, type TenantNames } from "../TenantLink.tsx";
import { EntryStateBadge } from "./EntryStateBadge.tsx";
import { entryPath, OUTBOX_PATH } from "./outbox_path.ts";
import { reasonWords, STATE_WORDS } from "./outbox_words.ts";

/** `person`: all that waits for a decision. */
export type OutboxTab = "person" | OutboxState;

/** Of usage minutes of so many days, or of all. */
export type OutboxWithin = "3d" | "35d" | "all";

export interface OutboxModel {
  readonly tab: OutboxTab;
  /** `null` for states that always list all of their entries. */
  readonly within: OutboxWithin | null;
  /** The same list for all tenants. */
  readonly allTenantsHref: string;
  readonly withinLinks: readonly { readonly key: OutboxWithin; readonly href: string }[];
  /** Only entries of this tenant are shown; empty for all. */
  readonly tenantId: string;
  /** Of the counts. */
  readonly asOfMs: number;
  /** Entries by state; `null` for one tenant, whose entries nobody counts. */
  readonly counts: Readonly<Record<OutboxTab, number>> | null;
  readonly tabs: readonly { readonly key: OutboxTab; readonly href: string }[];
  readonly entries: readonly OutboxEntry[];
  readonly names: TenantNames;
  /** All that is parked; `null` for one tenant, whose lines nobody counts. */
  readonly parkedTotals: PipelineStatus["parked"] | null;
  /** The first of those lines. */
  readonly parked: readonly {
    readonly line: LineId;
    readonly units: UnitCount;
    /** Why it can't be billed; `null` when it can by now, and waits for the next flush. */
    readonly reason: string | null;
  }[];
  readonly firstHref: string | null;
  readonly nextHref: string | null;
}

export function OutboxPage({ frame, model }: { frame: OperatorFrame; model: OutboxModel }) {
  const { tenantId, tab, within } = model;
  return (
    <OperatorPage frame={frame} current={OUTBOX_PATH} names={model.names}>
      <PageHeader
        title="Outbox"
        lede="One entry for each minute of usage on its way to Stripe. What was sealed never changes and is never sent twice."
        actions={<StaleBadge asOfMs={model.asOfMs} />}
      />
      <StateTabs model={model} />
      <TenantFilter
        path={OUTBOX_PATH}
        filters={{
          ...tab === "person" ? {} : { state: tab },
          ...within === null ? {} : { within },
        }}
        tenantId={tenantId}
        allHref={model.allTenantsHref}
      />
      {within !== null && <WithinLinks model={model} />}
      <Card flush>
        <EntryTable model={model} />
        <Pagination firstHref={model.firstHref} nextHref={model.nextHref} order="own" />
      </Card>
      {model.parked.length > 0 && <Parked model={model} />}
    </OperatorPage>
  );
}

function StateTabs({ model: { tab, tabs, counts } }: { model: OutboxModel }) {
  const { locale } = useViewer();
  const word = (key: OutboxTab) => key === "person" ? "Needs a person" : STATE_WORDS[key];
  return (
    <Segmented
      label="State"
      current={tabs.find(({ key }) => key === tab)?.href ?? OUTBOX_PATH}
      options={tabs.map(({ key, href }) => ({
        href,
        label: counts === null ? word(key) : `${word(key)} ${formatUnits(counts[key], locale)}`,
      }))}
    />
  );
}

const WITHIN_WORDS: Readonly<Record<OutboxWithin, string>> = {
  "3d": "last 3 days",
  "35d": "last 35 days",
  all: "all",
};

function WithinLinks({ model: { within, withinLinks } }: { model: OutboxModel }) {
  return (
    <Segmented
      label="Minutes of usage"
      current={withinLinks.find(({ key }) => key === within)?.href ?? OUTBOX_PATH}
      options={withinLinks.map(({ key, href }) => ({ href, label: WITHIN_WORDS[key] }))}
    />
  );
}

function EntryTable({ model }: { model: OutboxModel }) {
  const { entries } = model;
  return (
    <Table
      caption="Outbox entries"
      rows={entries}
      rowKey={({ entryId }) => entryId}
      empty={<NoEntry model={model} />}
      columns={[
        {
          key: "minute",
          label: "Minute of usage",
          header: true,
          cell: ({ entryId, timestampMs }) => (
            <>
              <a href={entryPath(entryId)}>
                <DateTime atMs={timestampMs} />
              </a>
              <div class="muted mono small id">{entryId}</div>
            </>
          ),
        },
        {
          key: "tenant",
          label: "Tenant",
          cell: ({ tenantId }) => <TenantLink tenantId={tenantId} />,
        },
        {
          key: "meter",
          label: "Meter",
          cell: ({ meter, planRevision, periodId }) => (
            <>
              {meterLabel(meter)}
              <LineTerms planRevision={planRevision} periodId={periodId} />
            </>
          ),
        },
        { key: "units", label: "Units", end: true, cell: ({ units }) => <Units units={units} /> },
        {
          key: "state",
          label: "State",
          cell: ({ state, reason }) => (
            <>
              <EntryStateBadge state={state} />
              {reason !== null && (
                <div class="muted small" title={reason}>{reason.replaceAll("_", " ")}</div>
              )}
            </>
          ),
        },
        {
          key: "next",
          label: "Next step",
          cell: (entry) => (
            <>
              <NextStep entry={entry} />
              {entry.attempts > 1 && <div class="muted small">{entry.attempts} attempts so far
              </div>}
            </>
          ),
        },
      ]}
    />
  );
}

function LineTerms({ planRevision, periodId }: Pick<LineId, "planRevision" | "periodId">) {
  return (
    <div class="muted mono small">
      {planRevision} <span class="nowrap">{periodId}</span>
    </div>
  );
}

export function NextStep({ entry: { state, nextAttemptAtMs } }: { entry: OutboxEntry }) {
  const { nowMs } = useViewer();
  const when = nextAttemptAtMs <= nowMs
    ? "with the next flush"
    : <DateTime atMs={nextAttemptAtMs} style="relative" />;
  switch (state) {
    case "held":
      return <>a person decides</>;
    case "doubtful":
      return <>Stripe is asked {when}</>;
    case "ready":
      return <>sent {when}</>;
    case "in_flight":
      return <>tried again {when}</>;
    case "rejected":
      return <>held with the next flush</>;
    case "sent":
      return <>confirmed within hours</>;
    case "confirmed":
    case "written_off":
      return <span class="muted">none</span>;
  }
}

function NoEntry({ model: { tab, within, withinLinks, nextHref } }: { model: OutboxModel }) {
  if (nextHref !== null) {
    return (
      <EmptyState title="None in this stretch of the outbox" icon="search">
        <p class="small">There are many entries in other states. Go on with the next page.</p>
      </EmptyState>
    );
  }
  if (tab === "person") {
    return (
      <EmptyState title="Nothing waits for a person" icon="check">
        <p class="small">What Stripe refuses or leaves open shows up here.</p>
      </EmptyState>
    );
  }
  const further = withinLinks.find(({ key }) => key === "all");
  return (
    <EmptyState title={`No entry is ${STATE_WORDS[tab]}`} icon="list">
      {within !== null && within !== "all" && further !== undefined && (
        <p class="small">
          Of usage of the {WITHIN_WORDS[within]}. <a href={further.href}>Look at all</a>
        </p>
      )}
    </EmptyState>
  );
}

function Parked({ model: { parked, parkedTotals } }: { model: OutboxModel }) {
  const { locale } = useViewer();
  return (
    <Card
      title="Units that nobody has to decide about"
      note={parkedTotals === null
        ? "Kept in one sum per line, and sealed into an entry as soon as they can be billed."
        : parkedWords(parkedTotals, { shown: parked.length, locale })}
      flush
    >
      <Table
        caption="Parked units by line"
        rows={parked}
        rowKey={({ line }) => JSON.stringify(line)}
        empty={null}
        columns={[
          {
            key: "tenant",
            label: "Tenant",
            header: true,
            cell: ({ line }) => <TenantLink tenantId={line.tenantId} />,
          },
          {
            key: "meter",
            label: "Meter",
            cell: ({ line }) => (
              <>
                {meterLabel(line.meter)}
                <LineTerms planRevision={line.planRevision} periodId={line.periodId} />
              </>
            ),
          },
          { key: "units", label: "Units", end: true, cell: ({ units }) => <Units units={units} /> },
          {
            key: "why",
            label: "Why",
            cell: ({ reason }) =>
              reason === null
                ? "billable by now; sealed with the next flush"
                : reasonWords(reason) ?? <code>{reason}</code>,
          },
        ]}
      />
    </Card>
  );
}

/** How many lines wait, how many never go, and how many of them are not on the page. */
function parkedWords(
  { waiting, unbilled }: PipelineStatus["parked"],
  { shown, locale }: { readonly shown: number; readonly locale: string },
): string {
  const lines = (count: number) =>
    `${formatUnits(count, locale)} ${count === 1 ? "line" : "lines"}`;
  const all = waiting.lines + unbilled.lines;
  return [
    "Kept in one sum per line.",
    `Sealed into an entry once they can be billed: ${lines(waiting.lines)}.`,
    `Of meters that bill no units: ${lines(unbilled.lines)}.`,
    ...all > shown ? [`The first ${formatUnits(shown, locale)} are shown.`] : [],
  ].join(" ");
}
