/** The four-eyes rule: a decision that waits for a second person is not its author's to make. */
export function isSecondPerson(
  { author, approver }: { readonly author: string; readonly approver: string },
): boolean {
  return approver.trim() !== "" && approver !== author;
}

const HOUR_MS = 3_600_000;
/** For so long what a person did alone counts together. */
const ALONE_WITHIN_MS = 24 * HOUR_MS;

/**
 * What a person did without a second one, by the hour, oldest first: minor units of one currency, or
 * units of one meter, up and down alike.
 */
export type AloneHours = readonly { readonly hourStartMs: number; readonly size: bigint }[];

/**
 * May this be done alone? What was done alone in the last 24 hours counts together, so that a large
 * act can't be split into small ones. Signs don't matter: neither can two acts make up for each other.
 */
export function isWithinAuthority(
  { amount, limit, hours, nowMs }: {
    readonly amount: bigint;
    readonly limit: bigint;
    readonly hours: AloneHours;
    readonly nowMs: number;
  },
): boolean {
  const before = stillCounting(hours, nowMs).reduce((sum, { size }) => sum + size, 0n);
  return before + sizeOf(amount) <= limit;
}

/** With one act more, and without the hours that count no longer. */
export function withAct(
  hours: AloneHours,
  { amount, nowMs }: { readonly amount: bigint; readonly nowMs: number },
): AloneHours {
  const hourStartMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  const counting = stillCounting(hours, nowMs);
  const known = counting.find((hour) => hour.hourStartMs === hourStartMs)?.size ?? 0n;
  return [
    ...counting.filter((hour) => hour.hourStartMs !== hourStartMs),
    { hourStartMs, size: known + sizeOf(amount) },
  ];
}

/** An hour counts until its last moment is a day ago. */
function stillCounting(hours: AloneHours, nowMs: number): AloneHours {
  return hours.filter(({ hourStartMs }) => hourStartMs + HOUR_MS > nowMs - ALONE_WITHIN_MS);
}

function sizeOf(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}
