import type { Correction } from "@/lib/domain/correction.ts";
import { Badge, type Tone } from "../../ui/Badge.tsx";

const TONES: Readonly<Record<Correction["state"], Tone>> = {
  pending: "warn",
  approved: "warn",
  applied: "good",
  refused: "neutral",
};

/** How far an adjustment or a correction is. */
export function DecisionBadge({ state }: { state: Correction["state"] }) {
  return <Badge tone={TONES[state]} dot>{state}</Badge>;
}
