import type { MigrationOutcome } from "@/lib/catalog/migrate_tenants.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import { Badge } from "../ui/Badge.tsx";
import { Button, ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { Checkbox } from "../ui/Checkbox.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Form } from "../ui/Form.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Table } from "../ui/Table.tsx";
import { type OperatorFrame, OperatorPage } from "./OperatorPage.tsx";
import { planPath } from "./PlansPages.tsx";
import { TenantLink, tenantPath } from "./TenantLink.tsx";

export interface MigrateModel {
  readonly planId: string;
  readonly from: string;
  readonly to: PlanVersion;
  readonly tenants: readonly Tenant[];
  /** Not all tenants are on this page; the rest come when these are moved. */
  readonly more: boolean;
  readonly outcomes: readonly MigrationOutcome[] | null;
}

export function MigratePage({ frame, model }: { frame: OperatorFrame; model: MigrateModel }) {
  const { planId, from, to } = model;
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
      {model.outcomes !== null && <Outcomes outcomes={model.outcomes} />}
      {model.tenants.length === 0
        ? <EmptyState title={`No tenant is on ${from} any more`} icon="tenants" />
        : <Choices model={model} />}
      <div class="row">
        <ButtonLink href={planPath(planId)}>Back to the plan</ButtonLink>
      </div>
    </OperatorPage>
  );
}

function Choices({ model: { planId, from, to, tenants, more } }: { model: MigrateModel }) {
  return (
    <Card
      title="Tenants"
      {...(more ? { note: `The first ${tenants.length}; the rest come after these.` } : {})}
    >
      <Form action={planPath(planId, "/migrate")}>
        <input type="hidden" name="from" value={from} />
        <input type="hidden" name="to" value={to.planRevision} />
        <ul class="stack-sm">
          {tenants.map(({ tenantId, name }) => (
            <li class="row-between" key={tenantId}>
              <Checkbox
                name="tenant"
                value={tenantId}
                checked
                label={<bdi class="break">{name}</bdi>}
              />
              <a
                class="small"
                href={tenantPath(tenantId, `plan?to=${encodeURIComponent(to.planRevision)}`)}
              >
                Preview<span class="sr-only">{name}</span>
              </a>
            </li>
          ))}
        </ul>
        <div class="form-actions">
          <Button kind="primary">Move the chosen tenants</Button>
        </div>
      </Form>
    </Card>
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
