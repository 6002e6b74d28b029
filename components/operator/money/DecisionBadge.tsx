import type { Correction } from "@/lib/domain/correction.ts";
import type { CreditProposal } from "@/lib/domain/credit.ts";
import { Badge, type Tone } from "../../ui/Badge.tsx";

type State = Correction["state"] | CreditProposal["state"];

const TONES: Readonly<Record<State, Tone>> = {
  pending: "warn",
  approved: "warn",
  applied: "good",
  granted: "good",
  refused: "neutral",
};

/** How far an adjustment, a correction or a credit is. */
export function DecisionBadge({ state }: { state: State }) {
  return <Badge tone={TONES[state]} dot>{state}</Badge>;
}
