import { type Context, HttpError } from "fresh";
import { requireRecentProof } from "@/lib/auth/step_up.ts";
import { offerAgain } from "./offer_again.tsx";
import type { PortalState } from "./portal_state.ts";

/**
 * Before an act on money, keys or members: asks to prove again who one is, with the form kept for after
 * that. `null` when the proof is fresh. An operator who looks through a member's eyes has nothing to
 * prove: such acts are not theirs.
 */
export async function askForProof(ctx: Context<PortalState>): Promise<Response | null> {
  const { session } = ctx.state.visit;
  if (session.impersonatedBy !== null) throw new HttpError(403);
  const proof = requireRecentProof(session, ctx.state.services.portal.clock.nowMs());
  return proof.ok ? null : await offerAgain(ctx, "step_up");
}
