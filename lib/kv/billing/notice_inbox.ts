import type { ProviderNotice } from "@/lib/ports/billing_provider.ts";
import type { NoticeInbox, StoredNotice } from "@/lib/ports/billing_store.ts";
import { noticeKey, noticeQueueKey, noticeQueuePrefix, noticesPulledKey } from "../keys.ts";
import type { KvLike } from "../kv_like.ts";
import { mustCommit } from "./commit.ts";

/** Longer than Stripe's own 30 days of event retention, so no repeat is ever taken as new. */
const RETENTION_MS = 40 * 86_400_000;

export function createNoticeInbox(kv: KvLike): NoticeInbox {
  return {
    receive: (notice, receivedAtMs) => receive(kv, notice, receivedAtMs),
    async waiting(limit) {
      const found: StoredNotice[] = [];
      for await (const { value } of kv.list<string>({ prefix: noticeQueuePrefix() }, { limit })) {
        const row = await kv.get<StoredNotice>(noticeKey(value));
        if (row.value !== null) found.push(row.value);
      }
      return found;
    },
    async settle(stored) {
      const { eventId } = stored.notice;
      const atomic = kv.atomic().set(noticeKey(eventId), stored, { expireIn: RETENTION_MS });
      if (stored.state !== "waiting") atomic.delete(noticeQueueKey(stored.receivedAtMs, eventId));
      await mustCommit(atomic, "settle a notice");
    },
    pulledUntilMs: async () => (await kv.get<number>(noticesPulledKey())).value,
    setPulledUntilMs: async (atMs) => {
      await mustCommit(kv.atomic().set(noticesPulledKey(), atMs), "note the last pull");
    },
  };
}

async function receive(
  kv: KvLike,
  notice: ProviderNotice,
  receivedAtMs: number,
): Promise<"new" | "known"> {
  const key = noticeKey(notice.eventId);
  const row: StoredNotice = { notice, receivedAtMs, state: "waiting", attempts: 0, detail: null };
  const { ok } = await kv.atomic()
    .check({ key, versionstamp: null })
    .set(key, row, { expireIn: RETENTION_MS })
    .set(noticeQueueKey(receivedAtMs, notice.eventId), notice.eventId)
    .commit();
  // A refused check means the row is there: from an earlier delivery, or from this very commit when
  // its reply was lost and the client repeated it. Both are durable and queued.
  return ok ? "new" : "known";
}
