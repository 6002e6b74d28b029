import type { PlanMove } from "@/lib/ports/subscription_ledger.ts";
import { DateTime } from "../ui/DateTime.tsx";
import { Notice } from "../ui/Notice.tsx";

/** Stripe has yet to follow a move to another plan version; nothing is to be done as a rule. */
export function MoveNotice({ move }: { move: PlanMove | null }) {
  if (move === null) return null;
  const { from, to, startedAtMs, attempts, nextAttemptAtMs, detail } = move;
  return (
    <Notice tone="warn" title={`Stripe bills ${from} still, not ${to}`}>
      <p>
        The tenant moved on{" "}
        <DateTime atMs={startedAtMs} />, and Stripe has yet to follow. What it uses under {to}{" "}
        is kept until then and billed at its own price. It is tried again by itself, next on{" "}
        <DateTime atMs={nextAttemptAtMs} />.
      </p>
      {detail !== null && <p>Attempt {attempts}: {detail}</p>}
    </Notice>
  );
}
