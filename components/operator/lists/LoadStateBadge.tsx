import type { ListLoad } from "@/lib/ports/rating.ts";
import { Badge, type Tone } from "../../ui/Badge.tsx";

const TONES: Readonly<Record<ListLoad["state"], Tone>> = {
  storing: "info",
  screening: "info",
  done: "good",
  failed: "bad",
};

export function LoadStateBadge(
  { state, isStalled }: { state: ListLoad["state"]; isStalled: boolean },
) {
  return <Badge tone={isStalled ? "warn" : TONES[state]} dot>{isStalled ? "stopped" : state}
  </Badge>;
}
