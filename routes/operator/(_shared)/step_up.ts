import type { Context } from "fresh";
import { requireRecentProof } from "@/lib/auth/step_up.ts";
import { offerAgain } from "./offer_again.tsx";
import type { OperatorState } from "./operator_state.ts";

/**
 * Before an act on money, keys or members: asks to prove again who one is, with the form kept for
 * after that. `null` when the proof is fresh.
 */
export async function askForProof(ctx: Context<OperatorState>): Promise<Response | null> {
  const { visit, services } = ctx.state;
  const proof = requireRecentProof(visit.session, services.clock.nowMs());
  return proof.ok ? null : await offerAgain(ctx, "step_up");
}

/** Where to prove it before there is anything to keep; `null` when the proof is fresh. */
export function proofHref({ state }: { state: OperatorState }, next: string): string | null {
  const proof = requireRecentProof(state.visit.session, state.services.clock.nowMs());
  return proof.ok ? null : `/operator/sign-in?${new URLSearchParams({ reason: "step_up", next })}`;
}
