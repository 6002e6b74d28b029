import type { CloseState, PeriodClose } from "@/lib/ports/money_ledger.ts";
import { Card } from "../../ui/Card.tsx";
import { DateTime } from "../../ui/DateTime.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { PageHeader } from "../../ui/PageHeader.tsx";
import { Pagination } from "../../ui/Pagination.tsx";
import { StaleBadge } from "../../ui/StaleBadge.tsx";
import { Table } from "../../ui/Table.tsx";
import { Segmented } from "../../ui/Tabs.tsx";
import { type OperatorFrame, OperatorPage } from "../OperatorPage.tsx";
import { TenantFilter } from "../TenantFilter.tsx";
import { TenantLink, type TenantNames } from "../TenantLink.tsx";
import { closePath, CLOSES_PATH } from "./close_path.ts";
import { CloseBadge } from "./CloseBadge.tsx";

export type ClosesTab = CloseState | "all";

export interface ClosesModel {
  readonly tab: ClosesTab;
  /** Empty for all tenants. */
  readonly tenantId: string;
  readonly asOfMs: number;
  readonly tabs: readonly { readonly key: ClosesTab; readonly href: string }[];
  readonly closes: readonly PeriodClose[];
  readonly names: TenantNames;
  readonly firstHref: string | null;
  readonly nextHref: string | null;
}

const TAB_WORDS: Readonly<Record<ClosesTab, string>> = {
  held: "Held",
  waiting: "Waiting for a draft",
  finalized: "Finalised",
  all: "All",
};

export function ClosesPage({ frame, model }: { frame: OperatorFrame; model: ClosesModel }) {
  const { tab, tabs, tenantId } = model;
  return (
    <OperatorPage frame={frame} current={CLOSES_PATH} names={model.names}>
      <PageHeader
        title="Period close"
        lede="An invoice becomes final only when Stripe has the ledger’s units and bills our lines. Drafts of the last period are tried again every five minutes, older ones at growing intervals of six hours at most."
        actions={<StaleBadge asOfMs={model.asOfMs} />}
      />
      <Segmented
        label="State"
        current={tabs.find(({ key }) => key === tab)?.href ?? CLOSES_PATH}
        options={tabs.map(({ key, href }) => ({ href, label: TAB_WORDS[key] }))}
      />
      <TenantFilter
        path={CLOSES_PATH}
        filters={tab === "held" ? {} : { state: tab }}
        tenantId={tenantId}
        allHref={tab === "held" ? CLOSES_PATH : `${CLOSES_PATH}?state=${tab}`}
      />
      <Card flush>
        <CloseTable model={model} />
        <Pagination firstHref={model.firstHref} nextHref={model.nextHref} order="own" />
      </Card>
    </OperatorPage>
  );
}

function CloseTable({ model: { closes, tab, nextHref } }: { model: ClosesModel }) {
  return (
    <Table
      caption="Closes of billing periods"
      rows={closes}
      rowKey={({ tenantId, periodId }) => `${tenantId} ${periodId}`}
      empty={<NoClose tab={tab} goesOn={nextHref !== null} />}
      columns={[
        {
          key: "period",
          label: "Period from",
          header: true,
          cell: (close) => <a class="nowrap" href={closePath(close)}>{close.periodId}</a>,
        },
        {
          key: "tenant",
          label: "Tenant",
          cell: ({ tenantId }) => <TenantLink tenantId={tenantId} />,
        },
        { key: "state", label: "State", cell: (close) => <CloseBadge close={close} /> },
        {
          key: "why",
          label: "Why",
          cell: ({ reasons }) =>
            reasons.length === 0
              ? <span class="muted">–</span>
              : reasons.map(({ code, detail }, at) => (
                <div key={at} class="small break">
                  <code>{code}</code> <bdi>{detail}</bdi>
                </div>
              )),
        },
        {
          key: "invoice",
          label: "Invoice",
          cell: ({ invoiceId }) =>
            invoiceId === null
              ? <span class="muted">none yet</span>
              : <code class="break">{invoiceId}</code>,
        },
        {
          key: "attempts",
          label: "Tries",
          end: true,
          cell: ({ attempts }) => <span class="num">{attempts}</span>,
        },
        {
          key: "updated",
          label: "Last try",
          cell: ({ updatedAtMs }) => <DateTime atMs={updatedAtMs} style="relative" />,
        },
      ]}
    />
  );
}

function NoClose({ tab, goesOn }: { tab: ClosesTab; goesOn: boolean }) {
  if (goesOn) return <EmptyState title="None on this page; go on with the next" icon="search" />;
  if (tab === "held") {
    return (
      <EmptyState title="No draft is held" icon="check">
        <p class="small">Where ledger and Stripe differ, the draft is held and shows up here.</p>
      </EmptyState>
    );
  }
  if (tab === "waiting") return <EmptyState title="No period waits for a draft" icon="check" />;
  return (
    <EmptyState title="No period has been closed yet" icon="invoices">
      <p class="small">The first is tried within minutes after a billing period ends.</p>
    </EmptyState>
  );
}
