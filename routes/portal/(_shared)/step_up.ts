import { requireRecentProof } from "@/lib/auth/step_up.ts";
import type { PortalState } from "./portal_state.ts";

/** Where to prove again who one is before an act on money or members; `null` when that is fresh. */
export function stepUpPath({ state }: { state: PortalState }, next: string): string | null {
  const { session } = state.visit;
  const proof = requireRecentProof(session, state.services.portal.clock.nowMs());
  return proof.ok ? null : `/portal/sign-in?${new URLSearchParams({ reason: "step_up", next })}`;
}
