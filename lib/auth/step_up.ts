import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Session } from "@/lib/ports/sessions.ts";

/** How long a proof of identity counts for acts on money, members and impersonation. */
export const STEP_UP_MS = 10 * 60_000;

/** Error: `step_up_required`. An impersonating operator can't act as if proven by the member. */
export function requireRecentProof(session: Session, nowMs: number): Result<"proven"> {
  if (session.impersonatedBy === null && nowMs - session.provenAtMs < STEP_UP_MS) {
    return accept("proven");
  }
  return refuse({
    code: "step_up_required",
    detail: "Sign in again to do this: the last proof of who you are is over 10 minutes old",
  });
}
