import type { Page } from "./tenancy.ts";

/** Plain data for the log: no secrets, and bigint as decimal text. */
export type AuditValue =
  | string
  | number
  | boolean
  | null
  | readonly AuditValue[]
  | { readonly [name: string]: AuditValue };

export interface AuditActor {
  readonly kind: "member" | "operator" | "api_key" | "system";
  readonly id: string;
  /** The operator behind a member's session while impersonating. */
  readonly impersonatedBy?: string;
}

/** One act, before it has its place in the chain. */
export interface AuditDraft {
  /** The tenant whose log it belongs to, or `OPERATOR_CHAIN` for what concerns no single tenant. */
  readonly chain: string;
  readonly atMs: number;
  readonly actor: AuditActor;
  /** `<noun>.<past participle>`, e.g. `api_key.revoked`. */
  readonly action: string;
  /** Id of what was acted on. */
  readonly subject: string;
  readonly before: AuditValue;
  readonly after: AuditValue;
  readonly ip: string | null;
  readonly requestId: string;
}

/** An act in its chain: `hash` is SHA-256 over `previousHash` and everything else (`auditText`). */
export interface AuditEntry extends AuditDraft {
  /** 1, 2, 3, … without a gap. */
  readonly sequence: number;
  /** Lowercase hex; `GENESIS_HASH` for the first. */
  readonly previousHash: string;
  readonly hash: string;
}

export const OPERATOR_CHAIN = "operator";
export const GENESIS_HASH = "0".repeat(64);

export interface AuditQuery {
  readonly chain: string;
  readonly limit: number;
  readonly cursor?: string;
  /** Only acts whose `action` starts with this. */
  readonly action?: string;
  /** Only acts of this actor: its id, its kind, or the operator who impersonated. */
  readonly actor?: string;
}

/** Append-only. Acts that change configuration are appended in the same commit as the change. */
export interface AuditLog {
  append(draft: AuditDraft): Promise<AuditEntry>;
  /** Newest first. */
  entries(query: AuditQuery): Promise<Page<AuditEntry>>;
  /** From `fromSequence` on, ascending, at most `limit`: for verifying. */
  chain(
    query: { readonly chain: string; readonly fromSequence: number; readonly limit: number },
  ): Promise<readonly AuditEntry[]>;
  /** The newest place of the chain. */
  head(chain: string): Promise<{ readonly sequence: number; readonly hash: string } | null>;
}

/** The text that is hashed: one spelling for one content, whatever the order of keys. */
export function auditText(entry: Omit<AuditEntry, "hash">): string {
  const { previousHash, sequence, chain, atMs, actor, action, subject, before, after } = entry;
  return canonical([
    previousHash,
    sequence,
    chain,
    atMs,
    [actor.kind, actor.id, actor.impersonatedBy ?? null],
    action,
    subject,
    before,
    after,
    entry.ip,
    entry.requestId,
  ]);
}

function canonical(value: AuditValue): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonical).join(",")}]`;
  const members = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`)}}`;
}

function isList(value: AuditValue): value is readonly AuditValue[] {
  return Array.isArray(value);
}
