import { isWithinAuthority, withAct } from "@/lib/domain/approval.ts";
import type { AloneAccount, AloneGuard, AloneReader } from "@/lib/ports/alone_acts.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { WriteOutcome } from "@/lib/ports/tenancy.ts";

/** Acts of one person at the same moment that one waits for before it gives up. */
const TRIES_MAX = 20;

interface AuthorityDeps {
  readonly clock: Clock;
  readonly store: AloneReader;
}

export interface PlannedAct {
  readonly account: AloneAccount;
  /** Minor units or units, of either sign. */
  readonly amount: bigint;
  /** Up to here, with what was done alone in the last 24 hours, it needs nobody else. */
  readonly limit: bigint;
}

/** Whether a second person has to agree, as things are now; for showing it beforehand. */
export async function needsSecond(
  { clock, store }: AuthorityDeps,
  { account, ...act }: PlannedAct,
): Promise<boolean> {
  const { hours } = await store.aloneActs(account);
  return !isWithinAuthority({ ...act, hours, nowMs: clock.nowMs() });
}

/**
 * Writes an act as one that a second person has to agree to, or as one that its author may do alone;
 * then `alone` belongs into the same commit. When another act of the same person came in between, it
 * is decided anew: of many at once no more get through than one person may do.
 */
export async function writeWithinAuthority(
  { clock, store }: AuthorityDeps,
  { account, ...act }: PlannedAct,
  write: (
    decided: { readonly waits: boolean; readonly alone?: AloneGuard },
  ) => Promise<WriteOutcome>,
): Promise<WriteOutcome> {
  for (let attempt = 1;; attempt++) {
    const nowMs = clock.nowMs();
    const { hours, versionstamp } = await store.aloneActs(account);
    if (!isWithinAuthority({ ...act, hours, nowMs })) return await write({ waits: true });
    const counted = withAct(hours, { ...act, nowMs });
    const written = await write({
      waits: false,
      alone: { account, hours: counted, versionstamp },
    });
    if (written.ok || attempt === TRIES_MAX) return written;
    if ((await store.aloneActs(account)).versionstamp === versionstamp) return written;
  }
}
