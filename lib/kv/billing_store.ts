import type { BillingStore } from "@/lib/ports/billing_store.ts";
import { createMoneyLedger } from "./billing/money_ledger.ts";
import { createNoticeInbox } from "./billing/notice_inbox.ts";
import { createReportStore } from "./billing/report_store.ts";
import { createSubscriptionLedger } from "./billing/subscription_ledger.ts";
import { createWatchStore } from "./billing/watch_store.ts";
import type { KvLike } from "./kv_like.ts";

/** All that billing keeps, over Deno KV. */
export function createKvBillingStore(kv: KvLike): BillingStore {
  return {
    ...createNoticeInbox(kv),
    ...createSubscriptionLedger(kv),
    ...createMoneyLedger(kv),
    ...createReportStore(kv),
    ...createWatchStore(kv),
  };
}
