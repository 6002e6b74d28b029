import type { OperatorSessionsModel } from "@/components/operator/SessionsPage.tsx";
import { deviceWords } from "@/lib/portal/load_members.ts";
import type { Session } from "@/lib/ports/sessions.ts";
import type { Services } from "@/lib/services.ts";

export async function loadSessions(
  { sessions }: Pick<Services, "sessions">,
  current: Session,
): Promise<OperatorSessionsModel> {
  const ownId = current.owner.kind === "operator" ? current.owner.operatorId : null;
  const found = await sessions.listOperators();
  return {
    sessions: found.flatMap((session) =>
      session.owner.kind !== "operator" ? [] : [{
        sessionId: session.sessionId,
        operatorId: session.owner.operatorId,
        method: session.method,
        device: deviceWords(session.userAgent),
        ip: session.ip,
        createdAtMs: session.createdAtMs,
        lastSeenAtMs: session.lastSeenAtMs,
        endsAtMs: Math.min(session.idleEndsAtMs, session.absoluteEndsAtMs),
        isCurrent: session.sessionId === current.sessionId,
        isOwn: session.owner.operatorId === ownId,
      }]
    ),
  };
}
