import type { MoneyLedger } from "./money_ledger.ts";
import type { NoticeInbox } from "./notice_inbox.ts";
import type { ReportStore } from "./report_store.ts";
import type { SubscriptionLedger } from "./subscription_ledger.ts";
import type { WatchStore } from "./watch_store.ts";

export interface BillingStore
  extends NoticeInbox, SubscriptionLedger, MoneyLedger, ReportStore, WatchStore {}
