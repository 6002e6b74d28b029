import { type BillingPeriod, periodAt, shiftPeriod } from "@/lib/domain/period.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { PeriodClose } from "@/lib/ports/money_ledger.ts";
import { closePeriod } from "./close_period.ts";
import type { BillingDeps } from "./deps.ts";
import { parsePeriodId } from "./period_bill.ts";

const MINUTE_MS = 60_000;
const FIRST_DELAY_MS = 5 * MINUTE_MS;
/** A hold that is still justified costs Stripe this many hours between tries at the most. */
const LONGEST_DELAY_MS = 6 * 60 * MINUTE_MS;
/** Closes that one run tries; the others have their turn in the next ones. */
export const RETRIES_PER_RUN = 20;
const CLOSES_PER_READ = 200;

export interface Retried {
  readonly finalized: number;
  readonly held: number;
  readonly waiting: number;
  /** Due as well, and left to the next runs. */
  readonly left: number;
}

interface OlderClose {
  readonly tenant: Tenant;
  readonly period: BillingPeriod;
  readonly triedAtMs: number;
}

/**
 * Tries those closes again that are not the last period's any more: an older one whose hold has lost
 * its reason settles by itself. Each waits twice as long as before while it ends alike, six hours at
 * the most, and the one that waited longest comes first.
 */
export async function retryOlderCloses(deps: BillingDeps): Promise<Retried> {
  const older: OlderClose[] = [];
  for (const close of await dueCloses(deps)) {
    const found = await olderClose(deps, close);
    if (found !== null) older.push(found);
  }
  older.sort((a, b) => a.triedAtMs - b.triedAtMs);
  const counts = { finalized: 0, held: 0, waiting: 0 };
  for (const { tenant, period } of older.slice(0, RETRIES_PER_RUN)) {
    counts[(await closePeriod(deps, { tenant, period })).state] += 1;
  }
  return { ...counts, left: Math.max(0, older.length - RETRIES_PER_RUN) };
}

/** After how many milliseconds a close may be tried again. */
export function retryDelayMs({ triesAlike = 0 }: Pick<PeriodClose, "triesAlike">): number {
  return Math.min(FIRST_DELAY_MS * 2 ** Math.min(triesAlike, 20), LONGEST_DELAY_MS);
}

async function dueCloses({ store, clock }: BillingDeps): Promise<PeriodClose[]> {
  const nowMs = clock.nowMs();
  const due: PeriodClose[] = [];
  for (const state of ["held", "waiting"] as const) {
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof store.periodCloses>> = await store.periodCloses({
        state,
        limit: CLOSES_PER_READ,
        ...(cursor === null ? {} : { cursor }),
      });
      due.push(...page.items.filter((close) => close.updatedAtMs + retryDelayMs(close) <= nowMs));
      cursor = page.cursor;
    } while (cursor !== null);
  }
  return due;
}

/** `null`: the last period's, which `closeDuePeriods` tries, or nothing that could be tried. */
async function olderClose(
  deps: BillingDeps,
  { tenantId, periodId, updatedAtMs }: PeriodClose,
): Promise<OlderClose | null> {
  const tenant = (await deps.tenants.tenant(tenantId))?.value;
  const plan = tenant && (await deps.plans.plan(tenant.planRevision))?.value;
  if (tenant === undefined || plan === undefined || tenant.stripeSubscriptionId === null) {
    return null;
  }
  const period = parsePeriodId(periodId, plan.interval);
  const last = shiftPeriod(periodAt(deps.clock.nowMs(), plan.interval), -1, plan.interval);
  if (period === null || period.startMs >= last.startMs) return null;
  return { tenant, period, triedAtMs: updatedAtMs };
}
