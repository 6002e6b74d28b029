import { hash } from "node:crypto";
import { type AuditEntry, type AuditLog, auditText, GENESIS_HASH } from "@/lib/ports/audit.ts";

export type AuditVerdict =
  | { readonly intact: true; readonly entries: number }
  /** The first place that does not fit what came before it. */
  | { readonly intact: false; readonly atSequence: number; readonly reason: AuditFault };

export type AuditFault = "missing_entry" | "changed_entry" | "broken_link" | "cut_off";

const BATCH = 500;

/**
 * Walks a chain from its first entry and recomputes every hash. Finds entries that were changed,
 * removed, added or swapped, and a chain that was cut off before its head. What it can't find is a
 * whole chain rewritten together with its head: keep the head's hash elsewhere to see that too.
 */
export async function verifyAuditChain(log: AuditLog, chain: string): Promise<AuditVerdict> {
  const head = await log.head(chain);
  const end = head?.sequence ?? 0;
  let previousHash = GENESIS_HASH;
  let sequence = 0;
  while (sequence < end) {
    const batch = await log.chain({ chain, fromSequence: sequence + 1, limit: BATCH });
    if (batch.length === 0) return broken(sequence + 1, "missing_entry");
    for (const entry of batch.slice(0, end - sequence)) {
      sequence++;
      const fault = judge(entry, { chain, sequence, previousHash });
      if (fault !== null) return broken(sequence, fault);
      previousHash = entry.hash;
    }
  }
  if (head !== null && head.hash !== previousHash) return broken(sequence, "cut_off");
  return { intact: true, entries: sequence };
}

function judge(
  entry: AuditEntry,
  expected: { chain: string; sequence: number; previousHash: string },
): AuditFault | null {
  if (entry.sequence !== expected.sequence || entry.chain !== expected.chain) {
    return "missing_entry";
  }
  if (entry.previousHash !== expected.previousHash) return "broken_link";
  return hash("sha256", auditText(entry), "hex") === entry.hash ? null : "changed_entry";
}

function broken(atSequence: number, reason: AuditFault): AuditVerdict {
  return { intact: false, atSequence, reason };
}
