import { MINUTE_MS } from "@/lib/domain/window.ts";
import type { MinuteSlot } from "@/lib/ports/outbox_store.ts";
import { minuteSlotsPrefix } from "./keys.ts";
import type { KvLike } from "./kv_like.ts";

const LIST = { batchSize: 500 };

export function decodeSlot(entry: Deno.KvEntry<Deno.KvU64>): MinuteSlot {
  const [, minuteMs, tenantId, meter, planRevision, periodId] = entry.key;
  return {
    line: {
      tenantId: String(tenantId),
      meter: String(meter),
      planRevision: String(planRevision),
      periodId: String(periodId),
    },
    minuteMs: Number(minuteMs),
    units: entry.value.value,
    versionstamp: entry.versionstamp,
  };
}

/** Slots of minutes that began before `beforeMs`, oldest first; of all tenants, or of one. */
export async function* minuteSlots(
  kv: KvLike,
  { tenantId, beforeMs = Number.MAX_SAFE_INTEGER }: {
    readonly tenantId?: string | undefined;
    readonly beforeMs?: number;
  } = {},
): AsyncGenerator<MinuteSlot> {
  const prefix = minuteSlotsPrefix();
  if (tenantId === undefined) {
    const selector = { prefix, end: [...prefix, beforeMs] };
    for await (const entry of kv.list<Deno.KvU64>(selector, LIST)) yield decodeSlot(entry);
    return;
  }
  for await (const minuteMs of openMinutes(kv, beforeMs)) {
    const own = { prefix: [...prefix, minuteMs, tenantId] };
    for await (const entry of kv.list<Deno.KvU64>(own, LIST)) yield decodeSlot(entry);
  }
}

/**
 * Slots lie by minute first, for the sealer. One tenant's are found by going from one open minute to
 * the next, so that other tenants' slots cost one key a minute, however many there are.
 */
async function* openMinutes(kv: KvLike, beforeMs: number): AsyncGenerator<number> {
  const prefix = minuteSlotsPrefix();
  let fromMs = 0;
  for (;;) {
    const selector = { start: [...prefix, fromMs], end: [...prefix, beforeMs] };
    const { value: first } = await kv.list<Deno.KvU64>(selector, { limit: 1 }).next();
    if (first === undefined) return;
    const minuteMs = Number(first.key[1]);
    yield minuteMs;
    fromMs = minuteMs + MINUTE_MS;
    if (fromMs >= beforeMs) return;
  }
}
