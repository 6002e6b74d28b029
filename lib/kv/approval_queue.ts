import type { ApprovalQueue, WaitingApproval } from "@/lib/ports/approval_queue.ts";
import { approvalsPrefix } from "./keys.ts";
import type { KvLike } from "./kv_like.ts";

/** Reads the rows that the stores of adjustments and corrections keep; it writes none. */
export function createApprovalQueue({ kv }: { readonly kv: KvLike }): ApprovalQueue {
  const selector = { prefix: approvalsPrefix() };
  return {
    async waiting({ limit, cursor }) {
      const items: WaitingApproval[] = [];
      const rows = kv.list(selector, { limit, ...(cursor === undefined ? {} : { cursor }) });
      for await (const { key: [, createdAtMs, kind, tenantId, id] } of rows) {
        items.push({
          kind: kind === "adjustment" || kind === "credit" ? kind : "correction",
          tenantId: String(tenantId),
          id: String(id),
          createdAtMs: Number(createdAtMs),
        });
      }
      return { items, cursor: items.length < limit ? null : rows.cursor };
    },
    async count(max) {
      let found = 0;
      for await (const _ of kv.list(selector, { limit: max })) found += 1;
      return found;
    },
  };
}
