import type { AuditLog } from "@/lib/ports/audit.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";
import {
  type OutboxActionDeps,
  type OutboxActionResult,
  resolveDoubt,
  retryHeld,
  writeOff,
} from "./outbox_actions.ts";

export type EntryDecision = "retry" | "write_off" | "delivered" | "not_delivered";

const ACTIONS: Readonly<Record<EntryDecision, string>> = {
  retry: "outbox.retried",
  write_off: "outbox.written_off",
  delivered: "outbox.resolved",
  not_delivered: "outbox.resolved",
};

/**
 * Carries out what a person decides about an entry, and puts it on record. The entry itself names
 * author and reason, so a crash before the audit row hides nothing. With `version`, only on the
 * entry as it was looked at. Errors: those of the action, and `conflict`.
 */
export async function decideEntry(
  { entryId, decision, reason, version, act }: {
    readonly entryId: string;
    readonly decision: EntryDecision;
    readonly reason: string;
    readonly version?: string;
    readonly act: Act;
  },
  deps: OutboxActionDeps & { readonly audit: Pick<AuditLog, "append"> },
): Promise<OutboxActionResult> {
  const before = await deps.outbox.find(entryId);
  const request = {
    entryId,
    reason,
    author: act.actor.id,
    ...(version === undefined ? {} : { version }),
  };
  const decided = await carryOut(decision, request, deps);
  if (!decided.ok) return decided;
  await deps.audit.append(auditDraft(act, {
    chain: decided.value.tenantId,
    atMs: deps.clock.nowMs(),
    action: ACTIONS[decision],
    subject: entryId,
    before: before?.value,
    after: decided.value,
  }));
  return decided;
}

function carryOut(
  decision: EntryDecision,
  request: Parameters<typeof writeOff>[0],
  deps: OutboxActionDeps,
): Promise<OutboxActionResult> {
  switch (decision) {
    case "retry":
      return retryHeld(request, deps);
    case "write_off":
      return writeOff(request, deps);
    case "delivered":
      return resolveDoubt({ ...request, delivered: true }, deps);
    case "not_delivered":
      return resolveDoubt({ ...request, delivered: false }, deps);
  }
}
