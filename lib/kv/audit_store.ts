import type { AuditEntry, AuditLog, AuditQuery } from "@/lib/ports/audit.ts";
import { guardedCommit } from "./guarded_commit.ts";
import { auditEntryKey, auditHeadKey, auditPrefix } from "./keys.ts";
import type { KvLike } from "./kv_like.ts";

/** Entries that a filtered page may look at before it returns what it has. */
const MAX_SCAN = 1_000;

/** The audit log in Deno KV: one hash chain per tenant, entries keyed by their place in it. */
export function createKvAuditLog(kv: KvLike): AuditLog {
  return {
    append: async (draft) => {
      const outcome = await guardedCommit(kv, {
        checks: [],
        write: (atomic) => atomic,
        audit: draft,
      });
      if (!outcome.ok || outcome.audit === null) {
        throw new Error(
          `Cannot append to the audit chain ${JSON.stringify(draft.chain)}: too busy`,
        );
      }
      return outcome.audit;
    },

    entries: async ({ chain, limit, cursor, ...filter }) => {
      const items: AuditEntry[] = [];
      let last: number | null = null;
      let seen = 0;
      const selector = cursor === undefined
        ? { prefix: auditPrefix(chain) }
        : { prefix: auditPrefix(chain), end: auditEntryKey(chain, Number(cursor)) };
      const everyOneFits = filter.action === undefined && filter.actor === undefined;
      const options = everyOneFits ? { limit: limit + 1 } : { batchSize: 500 };
      for await (const { value } of kv.list<AuditEntry>(selector, { reverse: true, ...options })) {
        if (items.length === limit || seen++ === MAX_SCAN) {
          return { items, cursor: String(last) };
        }
        last = value.sequence;
        if (isWanted(value, filter)) items.push(value);
      }
      return { items, cursor: null };
    },

    chain: async ({ chain, fromSequence, limit }) => {
      const found: AuditEntry[] = [];
      const selector = { prefix: auditPrefix(chain), start: auditEntryKey(chain, fromSequence) };
      for await (const entry of kv.list<AuditEntry>(selector, { limit })) found.push(entry.value);
      return found;
    },

    head: async (chain) =>
      (await kv.get<{ sequence: number; hash: string }>(auditHeadKey(chain))).value,
  };
}

function isWanted(
  { action, actor }: AuditEntry,
  wanted: Pick<AuditQuery, "action" | "actor">,
): boolean {
  if (wanted.action !== undefined && !action.startsWith(wanted.action)) return false;
  return wanted.actor === undefined ||
    [actor.id, actor.kind, actor.impersonatedBy].includes(wanted.actor);
}
