import type { Approval } from "@/lib/billing/list_approvals.ts";
import { meterLabel } from "@/lib/domain/meter.ts";
import { fromMinor } from "@/lib/domain/money.ts";
import { Badge } from "../ui/Badge.tsx";
import { ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Money } from "../ui/Money.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Pagination } from "../ui/Pagination.tsx";
import { StaleBadge } from "../ui/StaleBadge.tsx";
import { Table } from "../ui/Table.tsx";
import { Units } from "../ui/Units.tsx";
import { decidePath } from "./money/money_path.ts";
import { type OperatorFrame, OperatorPage } from "./OperatorPage.tsx";
import { TenantLink, type TenantNames } from "./TenantLink.tsx";

export interface ApprovalsModel {
  readonly asOfMs: number;
  /** Oldest first. */
  readonly approvals: readonly Approval[];
  readonly names: TenantNames;
  readonly firstHref: string | null;
  readonly nextHref: string | null;
}

interface Row {
  readonly id: string;
  readonly tenantId: string;
  readonly author: string;
  readonly createdAtMs: number;
  readonly why: string;
  readonly approval: Approval;
}

export function ApprovalsPage({ frame, model }: { frame: OperatorFrame; model: ApprovalsModel }) {
  return (
    <OperatorPage frame={frame} current="/operator/approvals" names={model.names}>
      <PageHeader
        title="Approvals"
        lede="Adjustments, credits and corrections beyond what one person may do in 24 hours. They bill nothing until a second one agrees."
        actions={<StaleBadge asOfMs={model.asOfMs} />}
      />
      <Card flush>
        <ApprovalTable rows={model.approvals.map(rowOf)} operatorId={frame.operatorId} />
        <Pagination firstHref={model.firstHref} nextHref={model.nextHref} order="own" />
      </Card>
    </OperatorPage>
  );
}

function rowOf(approval: Approval): Row {
  if (approval.kind === "adjustment") {
    const { adjustmentId, tenantId, createdBy, createdAtMs, note } = approval.adjustment;
    return { id: adjustmentId, tenantId, author: createdBy, createdAtMs, why: note, approval };
  }
  if (approval.kind === "credit") {
    const { creditId, tenantId, createdBy, createdAtMs, name } = approval.credit;
    return { id: creditId, tenantId, author: createdBy, createdAtMs, why: name, approval };
  }
  const { correctionId, tenantId, author, createdAtMs, reason } = approval.correction;
  return { id: correctionId, tenantId, author, createdAtMs, why: reason, approval };
}

function ApprovalTable({ rows, operatorId }: { rows: readonly Row[]; operatorId: string }) {
  return (
    <Table
      caption="What waits for a second person, oldest first"
      rows={rows}
      rowKey={({ id }) => id}
      empty={<EmptyState title="Nothing waits for a second person" icon="check" />}
      columns={[
        {
          key: "what",
          label: "What",
          header: true,
          cell: ({ approval }) => <What approval={approval} />,
        },
        {
          key: "tenant",
          label: "Tenant",
          cell: ({ tenantId }) => <TenantLink tenantId={tenantId} />,
        },
        { key: "why", label: "Why", cell: ({ why }) => <bdi>{why}</bdi> },
        {
          key: "who",
          label: "Proposed",
          cell: ({ author, createdAtMs }) => (
            <>
              <bdi>{author}</bdi> {author === operatorId && <Badge>you</Badge>}
              <div class="muted small">
                <DateTime atMs={createdAtMs} style="relative" />
              </div>
            </>
          ),
        },
        {
          key: "actions",
          label: "Decide",
          actions: true,
          cell: ({ tenantId, id, why }) => (
            <ButtonLink size="sm" href={decidePath(tenantId, id)}>
              Look and decide<span class="sr-only">: {why}</span>
            </ButtonLink>
          ),
        },
      ]}
    />
  );
}

function What({ approval }: { approval: Approval }) {
  if (approval.kind === "adjustment") {
    const { amountMinor, currency, periodId } = approval.adjustment;
    return (
      <>
        <Money amount={fromMinor(amountMinor)} currency={currency} />
        <div class="muted small">adjustment of the period from {periodId}</div>
      </>
    );
  }
  if (approval.kind === "credit") {
    const { amountMinor, currency, category } = approval.credit;
    return (
      <>
        <Money amount={fromMinor(amountMinor)} currency={currency} />
        <div class="muted small">{category} credit</div>
      </>
    );
  }
  const { units, meter, periodId, state, atStripeMs } = approval.correction;
  return (
    <>
      <Units units={units} /> {meterLabel(meter)}
      <div class="muted small">correction of the period from {periodId}</div>
      {atStripeMs !== undefined && (
        <div class="small">Stripe has them already: booked only, never sent</div>
      )}
      {state === "approved" && <Badge tone="warn">approved, not carried out yet</Badge>}
    </>
  );
}
