import type { LedgerStage } from "@/lib/domain/outbox.ts";
import type { LineId } from "@/lib/domain/segment.ts";
import type { Units } from "@/lib/domain/plan.ts";
import type { KvAtomicLike } from "./kv_like.ts";
import { ledgerKey } from "./keys.ts";

/** Counters never fall, so that none can wrap: negative units rise in a counter of their own. */
export const NEGATIVE = "_negative";

export function signedStage(stage: string, units: Units): { stage: string; units: Units } {
  return units < 0n ? { stage: stage + NEGATIVE, units: -units } : { stage, units };
}

export function sumLedger(
  atomic: KvAtomicLike,
  line: LineId,
  { stage, units }: { readonly stage: LedgerStage; readonly units: Units },
): void {
  const signed = signedStage(stage, units);
  atomic.sum(ledgerKey(line, signed.stage), signed.units);
}
