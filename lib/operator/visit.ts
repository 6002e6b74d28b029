import type { OperatorFrame } from "@/components/operator/OperatorPage.tsx";
import type { Session } from "@/lib/ports/sessions.ts";
import type { Act } from "@/lib/tenancy/act.ts";

/** A signed-in operator; every page and form of the console starts from it. */
export interface OperatorVisit {
  readonly session: Session;
  readonly operatorId: string;
  readonly frame: OperatorFrame;
  /** Names this operator in audit logs. */
  readonly act: Act;
}

export type OperatorVisitFacts =
  & Pick<OperatorFrame, "theme" | "flash" | "mode">
  & {
    readonly csrfToken: string;
    readonly formId: string;
    readonly nowMs: number;
    readonly ip: string | null;
    readonly requestId: string;
  };

/** `null` for nobody and for a tenant's member. */
export function operatorVisit(
  session: Session | null,
  { theme, flash, mode, csrfToken, formId, nowMs, ip, requestId }: OperatorVisitFacts,
): OperatorVisit | null {
  if (session === null || session.owner.kind !== "operator") return null;
  const { operatorId } = session.owner;
  return {
    session,
    operatorId,
    frame: {
      viewer: { locale: "en", timeZone: "UTC", nowMs, csrfToken, formId },
      theme,
      operatorId,
      mode,
      flash,
    },
    act: { actor: { kind: "operator", id: operatorId }, ip, requestId },
  };
}
