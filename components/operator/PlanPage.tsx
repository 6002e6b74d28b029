import { meterLabel } from "@/lib/domain/meter.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { PlanChange } from "@/lib/domain/plan_diff.ts";
import type { DryRun } from "@/lib/ports/catalog.ts";
import { fromMinor } from "@/lib/domain/money.ts";
import { TierLadderChart } from "../charts/TierLadderChart.tsx";
import { priceWords } from "../portal/price_words.ts";
import { PriceTable } from "../portal/PriceTable.tsx";
import { Badge, type Tone } from "../ui/Badge.tsx";
import { Button, ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { ConfirmForm } from "../ui/ConfirmForm.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Facts } from "../ui/Facts.tsx";
import { Form } from "../ui/Form.tsx";
import { Money } from "../ui/Money.tsx";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Select } from "../ui/Select.tsx";
import { Table } from "../ui/Table.tsx";
import { Units } from "../ui/Units.tsx";
import { type OperatorFrame, OperatorPage } from "./OperatorPage.tsx";
import { PlanDiff } from "./PlanDiff.tsx";
import { planPath } from "./plan_path.ts";

export interface PlanModel {
  readonly planId: string;
  /** The version whose prices are drawn. */
  readonly shown: PlanVersion;
  /** Newest first. */
  readonly versions: readonly { readonly version: PlanVersion; readonly tenants: number }[];
  readonly draft: PlanVersion | null;
  readonly published: PlanVersion | null;
  readonly compare: {
    readonly from: PlanVersion | null;
    readonly to: PlanVersion;
    readonly changes: readonly PlanChange[];
  };
  readonly dryRuns: readonly DryRun[];
}

const STATUS_TONES: Readonly<Record<PlanVersion["status"], Tone>> = {
  draft: "info",
  published: "good",
  archived: "neutral",
};

export function PlanPage({ frame, model }: { frame: OperatorFrame; model: PlanModel }) {
  const { planId, shown, draft } = model;
  return (
    <OperatorPage frame={frame} current="/operator/plans">
      <PageHeader
        title={shown.name}
        lede={shown.description}
        crumbs={[{ href: "/operator/plans", label: "Plans" }]}
        actions={
          <ButtonLink href={planPath(planId, "/edit")} kind="primary">
            {draft === null ? "Draft a new version" : "Edit the draft"}
          </ButtonLink>
        }
      />
      {draft !== null && <DraftNext model={model} draft={draft} />}
      <Card title="Versions" flush>
        <VersionTable model={model} />
      </Card>
      <Compare model={model} />
      {model.dryRuns.length > 0 && (
        <Card title="Dry runs" flush>
          <DryRunTable planId={planId} dryRuns={model.dryRuns} />
        </Card>
      )}
      <h2 id="prices">
        Prices of <code>{shown.planRevision}</code>
      </h2>
      <Prices plan={shown} />
    </OperatorPage>
  );
}

function DraftNext({ model, draft }: { model: PlanModel; draft: PlanVersion }) {
  return (
    <Notice title={`${draft.planRevision} is a draft`}>
      <p>
        Before it can be published, it is replayed over the real usage of every tenant on this plan.
      </p>
      <Form action={planPath(model.planId)} class="row">
        <input type="hidden" name="act" value="dry_run" />
        <input type="hidden" name="revision" value={draft.planRevision} />
        <Button size="sm" icon="rotate">Replay over past usage</Button>
      </Form>
    </Notice>
  );
}

function VersionTable({ model: { planId, versions, published } }: { model: PlanModel }) {
  return (
    <Table
      caption="Versions, newest first"
      rows={versions}
      rowKey={({ version }) => version.planRevision}
      empty={null}
      columns={[
        {
          key: "revision",
          label: "Version",
          header: true,
          cell: ({ version: { planRevision } }) => (
            <a href={planPath(planId, `?version=${encodeURIComponent(planRevision)}#prices`)}>
              <code>{planRevision}</code>
            </a>
          ),
        },
        {
          key: "status",
          label: "Status",
          cell: ({ version: { status } }) => <Badge tone={STATUS_TONES[status]} dot>{status}
          </Badge>,
        },
        {
          key: "created",
          label: "Made",
          cell: ({ version: { createdAtMs } }) => <DateTime atMs={createdAtMs} />,
        },
        {
          key: "tenants",
          label: "Tenants on it",
          end: true,
          cell: ({ tenants }) => <Units units={BigInt(tenants)} />,
        },
        {
          key: "actions",
          label: "Actions",
          actions: true,
          cell: ({ version, tenants }) => (
            <>
              {tenants > 0 && published !== null &&
                version.planRevision !== published.planRevision && (
                <ButtonLink
                  size="sm"
                  href={planPath(
                    planId,
                    `/migrate?from=${encodeURIComponent(version.planRevision)}`,
                  )}
                >
                  Move tenants
                </ButtonLink>
              )}
              {tenants === 0 && version.status === "published" && (
                <>
                  <Button size="sm" kind="danger" opens={`archive-${version.revision}`}>
                    Archive<span class="sr-only">{version.planRevision}</span>
                  </Button>
                  <Dialog
                    id={`archive-${version.revision}`}
                    title={`Archive ${version.planRevision}`}
                  >
                    <ConfirmForm
                      id={`archive-${version.revision}`}
                      action={planPath(planId)}
                      phrase={version.planRevision}
                      submit="Archive this version"
                      fields={{ act: "archive", revision: version.planRevision }}
                    >
                      <p>Nobody can be put on it again. Bills made by it remain.</p>
                    </ConfirmForm>
                  </Dialog>
                </>
              )}
            </>
          ),
        },
      ]}
    />
  );
}

function Compare({ model: { planId, versions, compare } }: { model: PlanModel }) {
  if (versions.length < 2) return null;
  const options = versions.map(({ version: { planRevision, status } }) => ({
    value: planRevision,
    label: `${planRevision} (${status})`,
  }));
  return (
    <Card
      title="What changed"
      note={`From ${compare.from?.planRevision ?? "nothing"} to ${compare.to.planRevision}.`}
    >
      <Form action={planPath(planId)} method="get" class="filters" label="Compare versions">
        <Select
          name="from"
          label="From"
          value={compare.from?.planRevision ?? ""}
          options={options}
        />
        <Select name="to" label="To" value={compare.to.planRevision} options={options} />
        <Button>Compare</Button>
      </Form>
      <PlanDiff changes={compare.changes} />
    </Card>
  );
}

function DryRunTable({ planId, dryRuns }: { planId: string; dryRuns: readonly DryRun[] }) {
  return (
    <Table
      caption="Dry runs, newest first"
      rows={dryRuns}
      rowKey={({ dryRunId }) => dryRunId}
      empty={null}
      columns={[
        {
          key: "at",
          label: "When",
          header: true,
          cell: ({ dryRunId, createdAtMs }) => (
            <a href={planPath(planId, `/dry-runs/${encodeURIComponent(dryRunId)}`)}>
              <DateTime atMs={createdAtMs} />
            </a>
          ),
        },
        { key: "of", label: "Of", cell: ({ planRevision }) => <code>{planRevision}</code> },
        {
          key: "tenants",
          label: "Tenants",
          end: true,
          cell: ({ tenants }) => <Units units={BigInt(tenants)} />,
        },
        {
          key: "winners",
          label: "Pay less",
          end: true,
          cell: ({ winners }) => <Units units={BigInt(winners)} />,
        },
        {
          key: "losers",
          label: "Pay more",
          end: true,
          cell: ({ losers }) => <Units units={BigInt(losers)} />,
        },
        {
          key: "change",
          label: "Change",
          end: true,
          cell: ({ changeMinor, currency }) => (
            <Money amount={fromMinor(changeMinor)} currency={currency} />
          ),
        },
      ]}
    />
  );
}

function Prices({ plan }: { plan: PlanVersion }) {
  return (
    <>
      <Card title="Terms">
        <Facts
          facts={[
            {
              term: "Base fee",
              value: (
                <>
                  <Money amount={plan.baseFee} currency={plan.currency} /> a {plan.interval}
                </>
              ),
            },
            {
              term: "At least",
              value: plan.minimumCommitment === 0n
                ? "–"
                : <Money amount={plan.minimumCommitment} currency={plan.currency} />,
            },
            {
              term: "Rate limit",
              value: `${plan.limits.requestsPerSecond} a second, bursts of ${plan.limits.burst}`,
            },
            ...plan.meters.flatMap(({ meter, quota }) =>
              quota === null ? [] : [{
                term: `${meterLabel(meter)} quota`,
                value: (
                  <>
                    <Units units={quota.units} /> {quota.enforcement}
                  </>
                ),
              }]
            ),
            { term: "Grace", value: `${plan.graceDays} days past due` },
            { term: "Features", value: plan.features.join(", ") || "none" },
          ]}
        />
      </Card>
      <div class="grid-2">
        {plan.meters.map((meter) => (
          <Card key={meter.meter} title={meterLabel(meter.meter)} note={priceWords(meter.price)}>
            <TierLadderChart
              meter={meterLabel(meter.meter)}
              price={meter.price}
              currency={plan.currency}
              includedUnits={meter.includedUnits}
              usedUnits={null}
            />
            <PriceTable meter={meter} currency={plan.currency} />
          </Card>
        ))}
      </div>
    </>
  );
}
