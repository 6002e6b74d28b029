import type { CloseState, PeriodClose } from "@/lib/ports/money_ledger.ts";
import { Badge, type Tone } from "../../ui/Badge.tsx";

const STATE_WORDS: Readonly<Record<CloseState, readonly [Tone, string]>> = {
  held: ["bad", "draft held"],
  waiting: ["info", "waiting for Stripe’s draft"],
  finalized: ["good", "finalised"],
};

/** How far the close of a period is. */
export function CloseBadge({ close: { state, closingSinceMs } }: { close: PeriodClose }) {
  const [tone, words] = STATE_WORDS[state];
  return (
    <>
      <Badge tone={tone} dot>{words}</Badge>
      {closingSinceMs !== null && (
        <>
          {" "}
          <Badge tone="info">being tried now</Badge>
        </>
      )}
    </>
  );
}
