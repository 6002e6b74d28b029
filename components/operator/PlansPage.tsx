import type { PlanVersion } from "@/lib/domain/plan.ts";
import { Badge } from "../ui/Badge.tsx";
import { ButtonLink } from "../ui/Button.tsx";
import { Card } from "../ui/Card.tsx";
import { EmptyState } from "../ui/EmptyState.tsx";
import { Money } from "../ui/Money.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Table } from "../ui/Table.tsx";
import { Units } from "../ui/Units.tsx";
import { type OperatorFrame, OperatorPage } from "./OperatorPage.tsx";
import { planPath } from "./plan_path.ts";

export interface PlansModel {
  readonly plans: readonly {
    readonly planId: string;
    readonly versions: number;
    readonly published: PlanVersion | null;
    readonly draft: PlanVersion | null;
    /** On any version. */
    readonly tenants: number;
  }[];
}

export function PlansPage({ frame, model }: { frame: OperatorFrame; model: PlansModel }) {
  return (
    <OperatorPage frame={frame} current="/operator/plans">
      <PageHeader
        title="Plans"
        lede="Versions are for good: a change is a new one, and tenants move to it when you say so."
        actions={
          <ButtonLink href="/operator/plans/new" kind="primary" icon="plus">New plan</ButtonLink>
        }
      />
      <Card flush>
        <Table
          caption="Plans"
          rows={model.plans}
          rowKey={({ planId }) => planId}
          empty={<EmptyState title="No plan yet" icon="plan" />}
          columns={[
            {
              key: "name",
              label: "Plan",
              header: true,
              cell: ({ planId, published, draft }) => (
                <>
                  <a href={planPath(planId)}>
                    <bdi>{published?.name ?? draft?.name ?? planId}</bdi>
                  </a>
                  <div class="muted mono">{planId}</div>
                </>
              ),
            },
            {
              key: "published",
              label: "Published",
              cell: ({ published }) =>
                published === null
                  ? <span class="muted">not yet</span>
                  : <code>{published.planRevision}</code>,
            },
            {
              key: "draft",
              label: "Draft",
              cell: ({ draft }) =>
                draft === null
                  ? <span class="muted">none</span>
                  : <Badge tone="info">{draft.planRevision}</Badge>,
            },
            {
              key: "fee",
              label: "Base fee",
              end: true,
              cell: ({ published, draft }) => {
                const plan = published ?? draft;
                return plan === null ? "–" : (
                  <>
                    <Money amount={plan.baseFee} currency={plan.currency} />
                    <span class="muted">{` a ${plan.interval}`}</span>
                  </>
                );
              },
            },
            {
              key: "tenants",
              label: "Tenants",
              end: true,
              cell: ({ tenants }) => <Units units={BigInt(tenants)} />,
            },
          ]}
        />
      </Card>
    </OperatorPage>
  );
}
