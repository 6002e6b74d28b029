import type {
  EntryEvidence,
  EntryModel,
  EntryStep,
} from "@/components/operator/outbox/EntryPage.tsx";
import { decideDoubt, type OutboxEntry } from "@/lib/domain/outbox.ts";
import { entrySummary } from "@/lib/metering/entry_summary.ts";
import type { AuditEntry } from "@/lib/ports/audit.ts";
import type { Services } from "@/lib/services.ts";
import { askStripe } from "./ask_stripe.ts";

export type EntryDeps =
  & Pick<Services, "outboxActions" | "audit" | "tenants">
  & {
    readonly billing: Pick<Services["billing"], "provider">;
    readonly portal: Pick<Services["portal"], "scheduler">;
  };

const ACTS_READ = 100;

/** `null` for no such entry. */
export async function loadEntry(
  deps: EntryDeps,
  entryId: string,
): Promise<Omit<EntryModel, "attempt"> | null> {
  const found = await deps.outboxActions.outbox.find(entryId);
  if (found === null) return null;
  const { value: entry, versionstamp } = found;
  const { tenantId } = entry;
  const [tenant, evidence, acts] = await Promise.all([
    deps.tenants.tenant(tenantId),
    evidenceOf(deps, entry),
    deps.audit.entries({ chain: tenantId, action: "outbox.", limit: ACTS_READ }),
  ]);
  const own = acts.items.filter(({ subject }) => subject === entryId);
  return {
    entry,
    version: versionstamp,
    tenantName: tenant?.value.name ?? null,
    evidence,
    steps: stepsOf(entry, own),
  };
}

/** Stripe's word about the entry's own minute, asked for only where a person may have to decide. */
async function evidenceOf(
  { billing, portal }: EntryDeps,
  entry: OutboxEntry,
): Promise<EntryEvidence | null> {
  if (entry.state !== "doubtful" && entry.state !== "held") return null;
  const asked = await askStripe(portal.scheduler, () => entrySummary(billing.provider, entry));
  if (asked.kind === "unavailable") return asked;
  const units = asked.value;
  return { kind: "summary", units, verdict: decideDoubt(entry, units) };
}

/** Everything that is on record about it, oldest first. */
function stepsOf(entry: OutboxEntry, acts: readonly AuditEntry[]): readonly EntryStep[] {
  const { sealedAtMs, firstAttemptAtMs, lastAttemptAtMs, attempts, decision } = entry;
  const steps: EntryStep[] = [{ atMs: sealedAtMs, what: "sealed", who: null, why: null }];
  if (firstAttemptAtMs !== null) {
    steps.push({ atMs: firstAttemptAtMs, what: "first_attempt", who: null, why: null });
  }
  if (lastAttemptAtMs !== null && attempts > 1) {
    steps.push({ atMs: lastAttemptAtMs, what: "last_attempt", who: null, why: null });
  }
  for (const { atMs, action, actor, after } of acts) {
    steps.push({ atMs, what: action, who: actor.id, why: reasonIn(after) });
  }
  // The row of the last decision follows it; a crash in between leaves the entry's own word.
  if (decision !== null && acts.every(({ after }) => reasonIn(after) !== decision.reason)) {
    const { atMs, author, reason } = decision;
    steps.push({ atMs, what: "decided", who: author, why: reason });
  }
  return steps.sort((a, b) => a.atMs - b.atMs);
}

function reasonIn(after: AuditEntry["after"]): string | null {
  const decision = memberOf(after, "decision");
  const reason = memberOf(decision, "reason");
  return typeof reason === "string" ? reason : null;
}

function memberOf(value: AuditEntry["after"], name: string): AuditEntry["after"] {
  if (typeof value !== "object" || value === null || !(name in value)) return null;
  return Object.entries(value).find(([key]) => key === name)?.[1] ?? null;
}
