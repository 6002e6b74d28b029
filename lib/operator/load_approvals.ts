import type { ApprovalsModel } from "@/components/operator/ApprovalsPage.tsx";
import { listApprovals } from "@/lib/billing/list_approvals.ts";
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
  const names = await tenants.tenantNames(
    items.map((one) =>
      one.kind === "adjustment" ? one.adjustment.tenantId : one.correction.tenantId
    ),
  );
  return { asOfMs: clock.nowMs(), approvals: items, names, ...place.links(cursor) };
}
