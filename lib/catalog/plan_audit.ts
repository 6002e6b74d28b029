import type { PlanVersion } from "@/lib/domain/plan.ts";
import { type AuditDraft, OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";

/** Whoever runs the command line; the machine's own log says who that was. */
export const BY_CATALOG: Act = {
  actor: { kind: "system", id: "catalog" },
  ip: null,
  requestId: "",
};

/** The audit row of a plan version's change; plans belong to no single tenant. */
export function planAudit(
  { clock }: { readonly clock: Clock },
  act: Act,
  { action, before, after }: {
    readonly action: string;
    readonly before?: PlanVersion;
    readonly after: PlanVersion;
  },
): AuditDraft {
  return auditDraft(act, {
    chain: OPERATOR_CHAIN,
    atMs: clock.nowMs(),
    action,
    subject: after.planRevision,
    before,
    after,
  });
}
