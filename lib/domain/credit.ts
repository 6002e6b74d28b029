/** Prepaid money that pays for usage, as Stripe's credit grants do (metered prices only). */
export interface CreditBalance {
  readonly creditId: string;
  /** Whole minor units still to be drawn, never negative. */
  readonly remainingMinor: bigint;
  /** Lower is drawn first. */
  readonly priority: number;
  readonly expiresAtMs: number | null;
  readonly createdAtMs: number;
}

export interface CreditUse {
  readonly creditId: string;
  readonly amountMinor: bigint;
}

/**
 * Draws at most `dueMinor`: by priority, then soonest expiry, then age, the order that Stripe draws
 * grants in. Grants that are empty or not needed are left out.
 */
export function applyCredits(
  credits: readonly CreditBalance[],
  dueMinor: bigint,
): readonly CreditUse[] {
  const uses: CreditUse[] = [];
  let due = dueMinor;
  for (const { creditId, remainingMinor } of [...credits].sort(byDrawOrder)) {
    if (due <= 0n) break;
    const amountMinor = remainingMinor < due ? remainingMinor : due;
    if (amountMinor <= 0n) continue;
    uses.push({ creditId, amountMinor });
    due -= amountMinor;
  }
  return uses;
}

/** Later than any date; finite, so that two of them compare equal. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;

function byDrawOrder(a: CreditBalance, b: CreditBalance): number {
  return a.priority - b.priority ||
    (a.expiresAtMs ?? NEVER_MS) - (b.expiresAtMs ?? NEVER_MS) ||
    a.createdAtMs - b.createdAtMs;
}
