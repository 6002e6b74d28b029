import type { ApprovalsModel } from "@/components/operator/ApprovalsPage.tsx";
import { type Approval, listApprovals } from "@/lib/billing/list_approvals.ts";
import type { Services } from "@/lib/services.ts";
import { pagerOf } from "./pager.ts";

const PATH = "/operator/approvals";
const PAGE_SIZE = 50;

export async function loadApprovals(
  { approvals, corrections, billing, tenants, cursors, clock }: Pick<
    Services,
    "approvals" | "corrections" | "billing" | "tenants" | "cursors" | "clock"
  >,
  query: URLSearchParams,
): Promise<ApprovalsModel> {
  const place = pagerOf(cursors, { owner: "operator", path: PATH, filters: {}, query });
  const deps = { approvals, corrections: corrections.corrections, store: billing.store };
  const { items, cursor } = await listApprovals(deps, { ...place.from, limit: PAGE_SIZE });
  const names = await tenants.tenantNames(items.map(tenantOf));
  return { asOfMs: clock.nowMs(), approvals: items, names, ...place.links(cursor) };
}

function tenantOf(approval: Approval): string {
  switch (approval.kind) {
    case "adjustment":
      return approval.adjustment.tenantId;
    case "credit":
      return approval.credit.tenantId;
    case "correction":
      return approval.correction.tenantId;
  }
}
