import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { type AuditLog, OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Session } from "@/lib/ports/sessions.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";
import type { Sessions } from "./session.ts";
import { requireRecentProof } from "./step_up.ts";

export interface OperatorSessionsDeps {
  readonly sessions: Sessions;
  readonly audit: Pick<AuditLog, "append">;
  readonly clock: Clock;
}

/** A signed-in operator at work on sessions. */
export interface SessionActor {
  readonly session: Session;
  readonly act: Act;
}

/** Ends one session of any operator. Errors: `unknown_session`; `step_up_required` for another's. */
export async function endOperatorSession(
  { sessions, audit, clock }: OperatorSessionsDeps,
  { sessionId, actor }: { readonly sessionId: string; readonly actor: SessionActor },
): Promise<Result<Session>> {
  const found = (await sessions.listOperators()).find((one) => one.sessionId === sessionId);
  if (found === undefined || found.owner.kind !== "operator") {
    return refuse({ code: "unknown_session", detail: "There is no such session" });
  }
  const own = actor.session.owner;
  const isOwn = own.kind === "operator" && own.operatorId === found.owner.operatorId;
  const proof = isOwn ? accept("proven") : requireRecentProof(actor.session, clock.nowMs());
  if (!proof.ok) return proof;
  await sessions.end(found);
  await audit.append(auditDraft(actor.act, {
    chain: OPERATOR_CHAIN,
    atMs: clock.nowMs(),
    action: "operator.session_ended",
    subject: found.owner.operatorId,
    after: { sessionId, startedAtMs: found.createdAtMs, from: found.ip },
  }));
  return accept(found);
}

/** Ends all of one's own sessions but the one at hand; how many there were. */
export async function endOtherSessions(
  { sessions, audit, clock }: OperatorSessionsDeps,
  { session, act }: SessionActor,
): Promise<number> {
  const ended = await sessions.endOthers(session.owner, session);
  if (ended > 0) {
    await audit.append(auditDraft(act, {
      chain: OPERATOR_CHAIN,
      atMs: clock.nowMs(),
      action: "operator.sessions_ended",
      subject: act.actor.id,
      after: { sessions: ended },
    }));
  }
  return ended;
}
