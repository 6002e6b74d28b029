import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import { Button, ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { TextField } from "../ui/Field.tsx";
import { Form } from "../ui/Form.tsx";
import { Notice } from "../ui/Notice.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Pagination } from "../ui/Pagination.tsx";
import { Select } from "../ui/Select.tsx";
import { Table } from "../ui/Table.tsx";
import { type OperatorFrame, OperatorPage } from "./OperatorPage.tsx";
import { TenantName } from "./TenantLink.tsx";
import { StatusBadge } from "./TenantPage.tsx";

export interface TenantsModel {
  readonly search: string;
  readonly tenants: readonly Tenant[];
  readonly firstHref: string | null;
  readonly nextHref: string | null;
}

export function TenantsPage({ frame, model }: { frame: OperatorFrame; model: TenantsModel }) {
  return (
    <OperatorPage frame={frame} current="/operator/tenants">
      <PageHeader
        title="Tenants"
        lede="Who is billed. In order of their ids."
        actions={
          <ButtonLink href="/operator/tenants/new" kind="primary" icon="plus">
            New tenant
          </ButtonLink>
        }
      />
      <Form action="/operator/tenants" method="get" class="filters" label="Search tenants">
        <TextField
          name="search"
          label="Name or id"
          type="search"
          value={model.search}
          maxLength={200}
        />
        <Button icon="search">Search</Button>
        {model.search !== "" && <ButtonLink href="/operator/tenants">Show all</ButtonLink>}
      </Form>
      <Card flush>
        <Table
          caption="Tenants"
          rows={model.tenants}
          rowKey={(tenant) => tenant.tenantId}
          empty={
            <EmptyState
              title={model.search === "" ? "No tenant yet" : "No tenant by that name or id"}
              icon="tenants"
            />
          }
          columns={[
            {
              key: "name",
              label: "Tenant",
              header: true,
              cell: ({ tenantId, name }) => (
                <>
                  <TenantName tenantId={tenantId} name={name} />
                  <div class="muted mono break">{tenantId}</div>
                </>
              ),
            },
            {
              key: "status",
              label: "Status",
              cell: ({ status }) => <StatusBadge status={status} />,
            },
            {
              key: "plan",
              label: "Plan",
              cell: ({ planRevision }) => <code>{planRevision}</code>,
            },
            {
              key: "stripe",
              label: "At Stripe",
              cell: ({ stripeSubscriptionId, stripeCustomerId }) =>
                stripeSubscriptionId !== null
                  ? "subscribed"
                  : stripeCustomerId !== null
                  ? "customer only"
                  : <span class="muted">not yet</span>,
            },
            {
              key: "created",
              label: "Since",
              cell: ({ createdAtMs }) => <DateTime atMs={createdAtMs} style="date" />,
            },
          ]}
        />
        <Pagination firstHref={model.firstHref} nextHref={model.nextHref} order="own" />
      </Card>
    </OperatorPage>
  );
}

export interface NewTenantModel {
  readonly plans: readonly PlanVersion[];
  readonly draft: Readonly<
    Record<"tenantId" | "name" | "email" | "plan" | "timeZone" | "locale", string>
  >;
  readonly errors: Readonly<Record<string, string>>;
}

export function NewTenantPage({ frame, model }: { frame: OperatorFrame; model: NewTenantModel }) {
  const { draft, errors, plans } = model;
  const first = Object.values(errors)[0];
  return (
    <OperatorPage frame={frame} current="/operator/tenants">
      <PageHeader
        title="New tenant"
        crumbs={[{ href: "/operator/tenants", label: "Tenants" }]}
      />
      <Card>
        <Form action="/operator/tenants/new">
          <input type="hidden" name="tenantId" value={draft.tenantId} />
          {first !== undefined && (
            <Notice tone="bad" title="The tenant was not made">{first}</Notice>
          )}
          <div class="fields">
            <TextField
              name="name"
              label="Name"
              required
              maxLength={200}
              value={draft.name}
              error={errors["name"]}
            />
            <TextField
              name="email"
              label="Owner’s e-mail"
              type="email"
              required
              maxLength={254}
              value={draft.email}
              error={errors["email"]}
              hint="The first member; invites all others."
            />
            <Select
              name="plan"
              label="Plan"
              value={draft.plan}
              error={errors["plan_revision"]}
              options={plans.map(({ planRevision, name }) => ({
                value: planRevision,
                label: `${name} (${planRevision})`,
              }))}
            />
            <TextField
              name="timeZone"
              label="Time zone"
              required
              value={draft.timeZone}
              error={errors["time_zone"]}
              hint="IANA, for display; billing is UTC."
            />
            <TextField
              name="locale"
              label="Language"
              required
              value={draft.locale}
              error={errors["locale"]}
              hint="BCP 47, such as en-GB."
            />
          </div>
          <div class="form-actions">
            <Button kind="primary">Create tenant</Button>
          </div>
        </Form>
      </Card>
    </OperatorPage>
  );
}
