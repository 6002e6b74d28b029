import type { AuditActor, AuditDraft, AuditValue } from "@/lib/ports/audit.ts";

/** Who does something, from where, in which request; every change takes one. */
export interface Act {
  readonly actor: AuditActor;
  readonly ip: string | null;
  readonly requestId: string;
}

export interface Change {
  readonly chain: string;
  readonly atMs: number;
  /** `<noun>.<past participle>`. */
  readonly action: string;
  readonly subject: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** The audit row of a change. */
export function auditDraft(act: Act, { before, after, ...change }: Change): AuditDraft {
  return { ...act, ...change, before: auditable(before), after: auditable(after) };
}

/** Members that could help somebody in, even as a hash. */
const HIDDEN = /^(hash|secretHash|publicKey)$|(secret|token|password)$/i;

/** A value fit for the log: plain data, bigint as decimal text, nothing secret. */
function auditable(value: unknown): AuditValue {
  if (value === undefined || value === null) return null;
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(auditable);
  if (typeof value !== "object") return String(value);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, member]) => !HIDDEN.test(name) && member !== undefined)
      .map(([name, member]) => [name, auditable(member)]),
  );
}
