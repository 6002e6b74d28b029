import type {
  InstrumentRecord,
  InstrumentStore,
  StampedOutcome,
  StoredScreening,
} from "@/lib/ports/rating.ts";
import { instrumentKey, instrumentsPrefix, screeningKey } from "./keys.ts";
import type { KvLike } from "./kv_like.ts";
import { commitMarked } from "./marked_commit.ts";
import { isVersion, VERSION_MISMATCH } from "./version_condition.ts";

/** Instruments and their screening outcomes in Deno KV. A version is the entry's versionstamp. */
export function createKvInstrumentStore(kv: KvLike): InstrumentStore {
  return {
    instrument: async (tenantId, instrumentId) => {
      const entry = await kv.get<InstrumentRecord>(instrumentKey(tenantId, instrumentId));
      if (entry.versionstamp === null) return null;
      return { value: entry.value, version: entry.versionstamp };
    },

    putInstrument: async (tenantId, record, condition = {}): Promise<StampedOutcome> => {
      const key = instrumentKey(tenantId, record.instrumentId);
      const write = kv.atomic().set(key, record);
      const { ifVersion } = condition;
      if (ifVersion !== undefined && !isVersion(ifVersion)) return VERSION_MISMATCH;
      if (ifVersion !== undefined) write.check({ key, versionstamp: ifVersion });
      const commit = await commitMarked(kv, write);
      return commit.ok ? { ok: true, version: commit.versionstamp } : VERSION_MISMATCH;
    },

    instruments: async (tenantId, { cursor, limit }) => {
      const options = cursor === undefined ? { limit } : { limit, cursor };
      const entries = kv.list<InstrumentRecord>({ prefix: instrumentsPrefix(tenantId) }, options);
      const items = [];
      for await (const entry of entries) {
        items.push({ value: entry.value, version: entry.versionstamp });
      }
      return { items, cursor: items.length < limit ? null : entries.cursor };
    },

    screening: async (tenantId, instrumentId) => {
      const entry = await kv.get<StoredScreening>(screeningKey(tenantId, instrumentId));
      return entry.value;
    },

    // No check: any outcome names the versions it rests on, and a reader uses it only at those.
    putScreening: async (tenantId, instrumentId, screening) => {
      await kv.set(screeningKey(tenantId, instrumentId), screening);
    },
  };
}
