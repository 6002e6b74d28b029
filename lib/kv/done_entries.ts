import type { OutboxEntry, OutboxState } from "@/lib/domain/outbox.ts";
import { outboxDonePrefix } from "./keys.ts";
import type { KvLike } from "./kv_like.ts";

/** Keys that a page reads before it returns what it has. */
const READ_MAX = 1_000;
const BATCH = 100;

interface DonePage {
  readonly entries: readonly OutboxEntry[];
  readonly cursor: string | null;
}

/**
 * Entries that are through, of a minute and later. Their keys go by tenant and meter, then by minute:
 * of each tenant and meter what lies before is jumped over, at the price of one key.
 */
export async function donePageSince(
  kv: KvLike,
  { states, tenantId, sinceMs, limit, cursor }: {
    readonly states: readonly OutboxState[];
    readonly tenantId?: string;
    readonly sinceMs: number;
    readonly limit: number;
    readonly cursor?: string;
  },
): Promise<DonePage> {
  const all = outboxDonePrefix(tenantId);
  const wanted = Math.min(limit, READ_MAX);
  const entries: OutboxEntry[] = [];
  let from = cursor === undefined ? null : startAfter(cursor);
  let read = 0;
  while (read + 1 < READ_MAX) {
    const next = await firstKey(kv, all, from);
    if (next === null) return { entries, cursor: null };
    read += 1;
    const [, owner, meter, minuteMs] = next;
    const line = outboxDonePrefix(String(owner), String(meter));
    const start = Number(minuteMs) < sinceMs ? [...line, sinceMs] : next;
    const options = { limit: READ_MAX - read, batchSize: Math.min(BATCH, READ_MAX - read) };
    for await (const { key, value } of kv.list<OutboxEntry>({ prefix: line, start }, options)) {
      read += 1;
      if (states.includes(value.state)) entries.push(value);
      if (entries.length === wanted || read === READ_MAX) {
        return { entries, cursor: JSON.stringify(key.slice(1)) };
      }
    }
    from = [...line, AFTER_MINUTES];
  }
  return { entries, cursor: from === null ? null : JSON.stringify(from.slice(1)) };
}

/** In the order of keys a boolean comes after every number. */
const AFTER_MINUTES = true;

function startAfter(cursor: string): Deno.KvKey {
  const [head = ""] = outboxDonePrefix();
  const [tenantId, meter, minute, ...entryId] = JSON.parse(cursor);
  // Longer than the key itself, so right behind it.
  return [head, tenantId, meter, minute, ...entryId, ""];
}

async function firstKey(
  kv: KvLike,
  prefix: Deno.KvKey,
  start: Deno.KvKey | null,
): Promise<Deno.KvKey | null> {
  const selector = start === null ? { prefix } : { prefix, start };
  for await (const { key } of kv.list(selector, { limit: 1 })) return key;
  return null;
}
