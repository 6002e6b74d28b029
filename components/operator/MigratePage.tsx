import type { MigrationOutcome } from "@/lib/catalog/migrate_tenants.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import { fromMinor } from "@/lib/domain/money.ts";
import { Badge } from "../ui/Badge.tsx";
import { Button, ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { Checkbox } from "../ui/Checkbox.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Form } from "../ui/Form.tsx";
import { Money } from "../ui/Money.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Progress } from "../ui/Progress.tsx";
import { Select } from "../ui/Select.tsx";
import { Table } from "../ui/Table.tsx";
import { type OperatorFrame, OperatorPage } from "./OperatorPage.tsx";
import { planPath } from "./plan_path.ts";
import { TenantLink, tenantPath } from "./TenantLink.tsx";

export interface MigrationRow {
  readonly tenantId: string;
  readonly name: string;
  /** This period's usage so far on either version, with the whole base fee. */
  readonly bills: { readonly beforeMinor: bigint; readonly afterMinor: bigint } | null;
  /** Why this tenant can't be moved. */
  readonly refusal: string | null;
}

export interface MigrateModel {
  readonly planId: string;
  readonly from: string;
  readonly to: PlanVersion;
  /** The first of those that wait; the rest come when these are moved. */
  readonly rows: readonly MigrationRow[];
  readonly waiting: number;
  /** Tenants on the new version. */
  readonly moved: number;
  /** Versions that tenants could be moved from, and how many would be. */
  readonly choices: readonly { readonly planRevision: string; readonly tenants: number }[];
  readonly outcomes: readonly MigrationOutcome[] | null;
}

export function MigratePage({ frame, model }: { frame: OperatorFrame; model: MigrateModel }) {
  const { planId, from, to, waiting, moved } = model;
  return (
    <OperatorPage frame={frame} current="/operator/plans">
      <PageHeader
        title={`From ${from} to ${to.planRevision}`}
        crumbs={[
          { href: "/operator/plans", label: "Plans" },
          { href: planPath(planId), label: to.name },
        ]}
        lede="Each tenant moves by itself: one that is refused holds up no other. Usage so far stays priced as it was."
      />
      {model.choices.length > 1 && <From model={model} />}
      {waiting + moved > 0 && (
        <Progress
          label={`${moved} of ${waiting + moved} tenants are on ${to.planRevision}`}
          done={moved}
          total={waiting + moved}
        />
      )}
      {model.outcomes !== null && <Outcomes outcomes={model.outcomes} />}
      {model.rows.length === 0
        ? <EmptyState title={`No tenant is on ${from} any more`} icon="tenants" />
        : <Choices model={model} />}
      <div class="row">
        <ButtonLink href={planPath(planId)}>Back to the plan</ButtonLink>
      </div>
    </OperatorPage>
  );
}

/** Which version is left; how many tenants that concerns is said before anybody moves. */
function From({ model: { planId, from, choices } }: { model: MigrateModel }) {
  return (
    <Form
      action={planPath(planId, "/migrate")}
      method="get"
      class="filters"
      label="Choose the version to leave"
    >
      <Select
        name="from"
        label="Tenants that are on"
        value={from}
        options={choices.map(({ planRevision, tenants }) => ({
          value: planRevision,
          label: `${planRevision} (${tenants} ${tenants === 1 ? "tenant" : "tenants"})`,
        }))}
      />
      <Button>Show</Button>
    </Form>
  );
}

function Choices({ model: { planId, from, to, rows, waiting } }: { model: MigrateModel }) {
  const more = waiting - rows.length;
  return (
    <Form action={planPath(planId, "/migrate")} class="form">
      <input type="hidden" name="from" value={from} />
      <input type="hidden" name="to" value={to.planRevision} />
      <Card
        title="Tenants to move"
        flush
        note={`This period so far, with the whole base fee, on either version.${
          more > 0 ? ` ${more} more come after these.` : ""
        }`}
      >
        <Table
          caption="Tenants to move, with their bills so far on either version"
          rows={rows}
          rowKey={({ tenantId }) => tenantId}
          empty={null}
          columns={[
            {
              key: "tenant",
              label: "Tenant",
              header: true,
              cell: ({ tenantId, name, refusal }) => (
                <Checkbox
                  name="tenant"
                  value={tenantId}
                  checked={refusal === null}
                  label={<bdi class="break">{name}</bdi>}
                  {...(refusal === null ? {} : { hint: refusal })}
                />
              ),
            },
            {
              key: "before",
              label: from,
              end: true,
              cell: ({ bills }) =>
                bills === null
                  ? "–"
                  : <Money amount={fromMinor(bills.beforeMinor)} currency={to.currency} />,
            },
            {
              key: "after",
              label: to.planRevision,
              end: true,
              cell: ({ bills }) =>
                bills === null
                  ? "–"
                  : <Money amount={fromMinor(bills.afterMinor)} currency={to.currency} />,
            },
            {
              key: "actions",
              label: "Preview",
              actions: true,
              cell: ({ tenantId, name }) => (
                <ButtonLink
                  size="sm"
                  href={tenantPath(tenantId, `plan?to=${encodeURIComponent(to.planRevision)}`)}
                >
                  Preview<span class="sr-only">{name}</span>
                </ButtonLink>
              ),
            },
          ]}
        />
      </Card>
      <div class="form-actions">
        <Button kind="primary">Move the chosen tenants</Button>
      </div>
    </Form>
  );
}

function Outcomes({ outcomes }: { outcomes: readonly MigrationOutcome[] }) {
  return (
    <Card title="What happened" flush>
      <Table
        caption="Outcome by tenant"
        rows={outcomes}
        rowKey={({ tenantId }) => tenantId}
        empty={<EmptyState title="No tenant was chosen" icon="tenants" />}
        columns={[
          {
            key: "tenant",
            label: "Tenant",
            header: true,
            cell: ({ tenantId }) => <TenantLink tenantId={tenantId} />,
          },
          {
            key: "outcome",
            label: "Outcome",
            cell: ({ outcome }) =>
              outcome.kind === "refused"
                ? <Badge tone="bad" dot>refused</Badge>
                : <Badge tone="good" dot>{outcome.kind.replace("_", " ")}</Badge>,
          },
          {
            key: "why",
            label: "Why",
            cell: ({ outcome }) => outcome.kind === "refused" ? outcome.error.detail : "",
          },
        ]}
      />
    </Card>
  );
}
