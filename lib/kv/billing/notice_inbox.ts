import type { ProviderNotice } from "@/lib/ports/billing_provider.ts";
import {
  type NoticeArrival,
  type NoticeInbox,
  NOTICES_KEPT_MS,
  type StoredNotice,
  type WebhookKind,
  type WebhookRefusal,
} from "@/lib/ports/notice_inbox.ts";
import {
  noticeByTimeKey,
  noticeKey,
  noticeQueueKey,
  noticeQueuePrefix,
  noticesByTimePrefix,
  noticesPulledKey,
  webhookArrivalKey,
  webhookRefusalKey,
} from "../keys.ts";
import type { KvLike } from "../kv_like.ts";
import { mustCommit } from "./commit.ts";
import { newestFirst } from "./newest_first.ts";

export function createNoticeInbox(kv: KvLike): NoticeInbox {
  return {
    receive: (notice, arrival) => receive(kv, notice, arrival),
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
      const queueKey = noticeQueueKey(stored.receivedAtMs, eventId);
      const atomic = kv.atomic().set(noticeKey(eventId), stored, { expireIn: NOTICES_KEPT_MS });
      if (stored.state === "waiting") atomic.set(queueKey, eventId);
      else atomic.delete(queueKey);
      await mustCommit(atomic, "settle a notice");
    },
    notice: async (eventId) => (await kv.get<StoredNotice>(noticeKey(eventId))).value,
    notices: ({ state, ...query }) =>
      newestFirst<StoredNotice>(kv, {
        ...query,
        prefix: noticesByTimePrefix(),
        isWanted: (row) => state === undefined || row.state === state,
      }),
    async lastArrival(kind) {
      const [arrival, refusal] = await kv.getMany<[number, WebhookRefusal]>([
        webhookArrivalKey(kind),
        webhookRefusalKey(kind),
      ]);
      return { receivedAtMs: arrival.value, refused: refusal.value };
    },
    noteRefusal: async (kind: WebhookKind, refusal: WebhookRefusal) => {
      await mustCommit(kv.atomic().set(webhookRefusalKey(kind), refusal), "note a refusal");
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
  { atMs, via }: NoticeArrival,
): Promise<"new" | "known"> {
  const { eventId } = notice;
  const key = noticeKey(eventId);
  const row: StoredNotice = {
    notice,
    via,
    receivedAtMs: atMs,
    state: "waiting",
    attempts: 0,
    detail: null,
    settledAtMs: null,
  };
  const life = { expireIn: NOTICES_KEPT_MS };
  // Also of a repeat: an endpoint that hears only those is alive.
  if (via !== "pull") await kv.set(webhookArrivalKey(via), atMs);
  const { ok } = await kv.atomic()
    .check({ key, versionstamp: null })
    .set(key, row, life)
    .set(noticeByTimeKey(atMs, eventId), key, life)
    .set(noticeQueueKey(atMs, eventId), eventId)
    .commit();
  // A refused check means the row is there: from an earlier delivery, or from this very commit when
  // its reply was lost and the client repeated it. Both are durable and queued.
  return ok ? "new" : "known";
}
