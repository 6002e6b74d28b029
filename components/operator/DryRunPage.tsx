import { fromMinor } from "@/lib/domain/money.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { DryRun, DryRunRow } from "@/lib/ports/catalog.ts";
import { percent } from "../charts/scale.ts";
import { StackBar } from "../charts/StackBar.tsx";
import { Button } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { ConfirmForm } from "../ui/ConfirmForm.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Money } from "../ui/Money.tsx";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Pagination } from "../ui/Pagination.tsx";
import { StaleBadge } from "../ui/StaleBadge.tsx";
import { Stat, Stats } from "../ui/Stat.tsx";
import { Table } from "../ui/Table.tsx";
import { Units } from "../ui/Units.tsx";
import { type OperatorFrame, OperatorPage } from "./OperatorPage.tsx";
import { planPath } from "./plan_path.ts";
import { TenantName } from "./TenantLink.tsx";

export interface DryRunModel {
  readonly dryRun: DryRun;
  readonly plan: PlanVersion;
  /** Largest change first. */
  readonly rows: readonly DryRunRow[];
  readonly firstHref: string | null;
  readonly nextHref: string | null;
}

/** Old figures say little about a publish of today. */
const STALE_AFTER_MS = 24 * 3_600_000;

export function DryRunPage({ frame, model }: { frame: OperatorFrame; model: DryRunModel }) {
  const { dryRun, plan } = model;
  const { currency } = dryRun;
  return (
    <OperatorPage frame={frame} current="/operator/plans">
      <PageHeader
        title={`Dry run of ${dryRun.planRevision}`}
        crumbs={[
          { href: "/operator/plans", label: "Plans" },
          { href: planPath(plan.planId), label: plan.name },
        ]}
        lede={<Periods periodIds={dryRun.periodIds} />}
        actions={<StaleBadge asOfMs={dryRun.createdAtMs} staleAfterMs={STALE_AFTER_MS} />}
      />
      <Stats>
        <Stat
          label="Now"
          value={<Money amount={fromMinor(dryRun.beforeMinor)} currency={currency} />}
        />
        <Stat
          label="With this version"
          value={<Money amount={fromMinor(dryRun.afterMinor)} currency={currency} />}
        />
        <Stat
          label="Change"
          value={<Change changeMinor={dryRun.changeMinor} currency={currency} />}
        />
        <Stat label="Tenants" value={<Units units={BigInt(dryRun.tenants)} />} />
      </Stats>
      <Card title="Who pays less, who pays more">
        <StackBar
          summary={`Of ${dryRun.tenants} tenants, ${dryRun.winners} pay less, ${dryRun.unchanged} the same, ${dryRun.losers} more`}
          parts={[
            {
              key: "winners",
              label: `${dryRun.winners} pay less`,
              class: "s0",
              value: dryRun.winners,
            },
            {
              key: "unchanged",
              label: `${dryRun.unchanged} pay the same`,
              class: "s-rest",
              value: dryRun.unchanged,
            },
            {
              key: "losers",
              label: `${dryRun.losers} pay more`,
              class: "s-bad",
              value: dryRun.losers,
            },
          ]}
        />
        <ChangeTable model={model} />
        <Pagination firstHref={model.firstHref} nextHref={model.nextHref} order="own" />
      </Card>
      {plan.status === "draft"
        ? <Publish model={model} />
        : <Notice>{`${plan.planRevision} is ${plan.status}.`}</Notice>}
    </OperatorPage>
  );
}

function Publish({ model: { dryRun, plan } }: { model: DryRunModel }) {
  return (
    <div class="row">
      <Button kind="primary" opens="publish">Publish {plan.planRevision}</Button>
      <Dialog id="publish" title={`Publish ${plan.planRevision}`}>
        <ConfirmForm
          id="publish"
          action={planPath(plan.planId)}
          phrase={plan.planRevision}
          submit="Publish"
          fields={{ act: "publish", revision: plan.planRevision, dryRun: dryRun.dryRunId }}
        >
          <p>
            New tenants get this version. Those on older ones stay there until you move them. A
            published version can't be changed any more.
          </p>
        </ConfirmForm>
      </Dialog>
    </div>
  );
}

function ChangeTable({ model: { rows, dryRun: { currency } } }: { model: DryRunModel }) {
  const largest = rows.reduce((most, { changeMinor }) => {
    const size = changeMinor < 0n ? -changeMinor : changeMinor;
    return size > most ? size : most;
  }, 1n);
  return (
    <Table
      caption="Bills by tenant, largest change first"
      rows={rows}
      rowKey={({ tenantId }) => tenantId}
      empty={<EmptyState title="No tenant is on this plan" icon="tenants" />}
      columns={[
        {
          key: "tenant",
          label: "Tenant",
          header: true,
          cell: ({ tenantId, name, currentRevision, unpricedMeters, refusedUnits }) => (
            <>
              <TenantName tenantId={tenantId} name={name} />
              <div class="muted mono">{currentRevision}</div>
              {unpricedMeters.length > 0 && (
                <div class="small">no price for {unpricedMeters.join(", ")}</div>
              )}
              {refusedUnits > 0n && (
                <div class="small">
                  <Units units={refusedUnits} /> units over the quota
                </div>
              )}
            </>
          ),
        },
        {
          key: "bar",
          label: "Less or more",
          cell: ({ changeMinor }) => (
            <ChangeBar share={Number(changeMinor * 10_000n / largest) / 10_000} />
          ),
        },
        {
          key: "before",
          label: "Now",
          end: true,
          cell: ({ beforeMinor }) => <Money amount={fromMinor(beforeMinor)} currency={currency} />,
        },
        {
          key: "after",
          label: "Then",
          end: true,
          cell: ({ afterMinor }) => <Money amount={fromMinor(afterMinor)} currency={currency} />,
        },
        {
          key: "change",
          label: "Change",
          end: true,
          cell: ({ changeMinor }) => <Change changeMinor={changeMinor} currency={currency} />,
        },
      ]}
    />
  );
}

function Periods({ periodIds }: { periodIds: readonly string[] }) {
  const [first, last] = [periodIds[0], periodIds.at(-1)];
  if (first === undefined || last === undefined) return null;
  return (
    <>
      Bills of the periods from <DateTime atMs={Date.parse(first)} style="month" utc /> to{" "}
      <DateTime atMs={Date.parse(last)} style="month" utc />, as they are and as this version would
      make them.
    </>
  );
}

/** With its sign, also when it is more. */
function Change({ changeMinor, currency }: { changeMinor: bigint; currency: string }) {
  return (
    <span class="nowrap">
      {changeMinor > 0n && "+"}
      <Money amount={fromMinor(changeMinor)} currency={currency} />
    </span>
  );
}

/** From the middle to the left for less, to the right for more; the figures stand beside it. */
function ChangeBar({ share }: { share: number }) {
  const size = Math.abs(share) / 2;
  return (
    <svg width="120" height="14" aria-hidden="true">
      <rect
        class={share < 0 ? "s0" : "s-bad"}
        x={percent(share < 0 ? 0.5 - size : 0.5)}
        width={percent(size)}
        y="2"
        height="10"
      />
      <line x1="50%" x2="50%" y1="0" y2="14" stroke="var(--ink)" />
    </svg>
  );
}
