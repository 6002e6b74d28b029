import type { Adjustment } from "@/lib/domain/adjustment.ts";
import type { CreditProposal } from "@/lib/domain/credit.ts";
import type { Correction } from "@/lib/domain/correction.ts";
import type { ApprovalQueue } from "@/lib/ports/approval_queue.ts";
import type { CorrectionStore } from "@/lib/ports/correction_store.ts";
import type { Page } from "@/lib/ports/tenancy.ts";
import type { BillingDeps } from "./deps.ts";

export interface ApprovalDeps {
  readonly approvals: ApprovalQueue;
  readonly corrections: Pick<CorrectionStore, "find">;
  readonly store: Pick<BillingDeps["store"], "adjustment" | "creditProposal">;
}

export type Approval =
  | { readonly kind: "adjustment"; readonly adjustment: Adjustment }
  | { readonly kind: "correction"; readonly correction: Correction }
  | { readonly kind: "credit"; readonly credit: CreditProposal };

/** What waits for a second person, oldest first. What was decided meanwhile is left out. */
export async function listApprovals(
  { approvals, corrections, store }: ApprovalDeps,
  query: { readonly limit: number; readonly cursor?: string },
): Promise<Page<Approval>> {
  const { items, cursor } = await approvals.waiting(query);
  const found = await Promise.all(items.map(async ({ kind, tenantId, id }) => {
    if (kind === "adjustment") {
      const adjustment = (await store.adjustment(tenantId, id))?.value;
      return adjustment?.state === "pending" ? [{ kind, adjustment }] : [];
    }
    if (kind === "credit") {
      const credit = (await store.creditProposal(tenantId, id))?.value;
      return credit?.state === "pending" ? [{ kind, credit }] : [];
    }
    const correction = (await corrections.find(tenantId, id))?.value;
    const waits = correction?.state === "pending" || correction?.state === "approved";
    return correction !== undefined && waits ? [{ kind, correction }] : [];
  }));
  return { items: found.flat(), cursor };
}
