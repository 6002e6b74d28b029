import type { ComponentChildren } from "preact";
import type { TenantStatus } from "@/lib/domain/tenant.ts";
import { Badge, type Tone } from "../ui/Badge.tsx";
import { ButtonLink } from "../ui/Button.tsx";
import { PageHeader } from "../ui/PageHeader.tsx";
import { Tabs } from "../ui/Tabs.tsx";
import { type OperatorFrame, OperatorPage } from "./OperatorPage.tsx";
import { tenantPath } from "./TenantLink.tsx";

export interface TenantFrame {
  readonly tenantId: string;
  readonly name: string;
  readonly status: TenantStatus;
}

const TABS = [
  ["", "Overview"],
  ["usage", "Usage"],
  ["plan", "Plan"],
  ["limits", "Limits and features"],
  ["keys", "Keys"],
  ["money", "Credits and adjustments"],
  ["members", "Members"],
  ["status", "Status"],
] as const;

export type TenantTab = typeof TABS[number][0];

export const STATUS_TONES: Readonly<Record<TenantStatus, Tone>> = {
  active: "good",
  past_due: "warn",
  suspended: "bad",
  closed: "neutral",
};

export function StatusBadge({ status }: { status: TenantStatus }) {
  return <Badge tone={STATUS_TONES[status]} dot>{status.replace("_", " ")}</Badge>;
}

/** One tenant's pages: who it is, and a tab for each thing to do. */
export function TenantPage(
  { frame, head, tab, children }: {
    frame: OperatorFrame;
    head: TenantFrame;
    tab: TenantTab;
    children: ComponentChildren;
  },
) {
  const { tenantId, name, status } = head;
  return (
    <OperatorPage frame={frame} current="/operator/tenants">
      <PageHeader
        title={name}
        crumbs={[{ href: "/operator/tenants", label: "Tenants" }]}
        actions={
          <ButtonLink
            href={`/operator/audit?${new URLSearchParams({ chain: tenantId })}`}
            size="sm"
            icon="audit"
          >
            Audit
          </ButtonLink>
        }
        lede={
          <>
            <code>{tenantId}</code> <StatusBadge status={status} />
          </>
        }
      />
      <Tabs
        label={`Pages of ${name}`}
        current={tenantPath(tenantId, tab)}
        tabs={TABS.map(([path, label]) => ({ href: tenantPath(tenantId, path), label }))}
      />
      {children}
    </OperatorPage>
  );
}
