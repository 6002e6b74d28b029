import type { AuditDraft } from "@/lib/ports/audit.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { OpenImpersonation, SessionStore } from "@/lib/ports/sessions.ts";
import type { Sessions } from "./session.ts";

/** Impersonations that one look judges; one that is not reached has its turn in the next. */
const LOOKED_AT = 500;

export interface ImpersonationDeps {
  readonly sessions: Pick<Sessions, "list">;
  readonly sessionStore: Pick<SessionStore, "openImpersonations" | "closeImpersonation">;
  readonly clock: Clock;
}

/**
 * Writes the last row of each impersonation that has ended without anybody's click: by time, or with
 * the operator's own session. Meant for every minute, anywhere and twice: each end has one row.
 */
export async function noteEndedImpersonations(deps: ImpersonationDeps): Promise<number> {
  let noted = 0;
  for (const open of await deps.sessionStore.openImpersonations(LOOKED_AT)) {
    const { tenantId, memberId, sessionId } = open;
    const living = await deps.sessions.list({ kind: "member", tenantId, memberId });
    if (living.some((session) => session.sessionId === sessionId)) continue;
    const by = { ip: null, requestId: "", atMs: deps.clock.nowMs() };
    const row = endOfImpersonation(open, { ...by, how: "by_itself" });
    if (await deps.sessionStore.closeImpersonation(sessionId, row)) noted += 1;
  }
  return noted;
}

/** The closing row in the tenant's log. */
export function endOfImpersonation(
  { tenantId, memberId, operatorId, startedAtMs, endsAtMs }: OpenImpersonation,
  { how, ...at }: Pick<AuditDraft, "ip" | "requestId" | "atMs"> & {
    /** `by_itself`: by time, or with the operator's session. */
    readonly how: "by_operator" | "by_itself";
  },
): AuditDraft {
  return {
    ...at,
    chain: tenantId,
    actor: { kind: "operator", id: operatorId },
    action: "member.impersonation_ended",
    subject: memberId,
    before: null,
    after: {
      how,
      startedAt: new Date(startedAtMs).toISOString(),
      latestEnd: new Date(endsAtMs).toISOString(),
    },
  };
}
