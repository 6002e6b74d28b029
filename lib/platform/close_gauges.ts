import type { Clock } from "@/lib/ports/clock.ts";
import { isHeldTooLong, type MoneyLedger } from "@/lib/ports/money_ledger.ts";
import type { Metrics } from "./metrics.ts";

/** Held invoices that are counted; more of them are no other alarm. */
const HELD_READ = 500;

/** Gauges of the period close, read from the store when they are asked for. */
export interface CloseGauges {
  refresh(): Promise<void>;
}

export function createCloseGauges(
  metrics: Metrics,
  { store, clock }: { readonly store: Pick<MoneyLedger, "periodCloses">; readonly clock: Clock },
): CloseGauges {
  let held: number | null = null;
  let tooLong: number | null = null;
  metrics.gauge({
    name: "clawmeter_held_invoices",
    help: "Invoice drafts that the close of their period holds back",
  }, () => held);
  metrics.gauge({
    name: "clawmeter_held_invoices_overdue",
    help: "Of those, the ones held for more than a day; alarm from 1 on",
  }, () => tooLong);
  return {
    async refresh() {
      const { items } = await store.periodCloses({ state: "held", limit: HELD_READ });
      const nowMs = clock.nowMs();
      held = items.length;
      tooLong = items.filter((close) => isHeldTooLong(close, nowMs)).length;
    },
  };
}
