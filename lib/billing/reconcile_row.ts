import type { Units } from "@/lib/domain/plan.ts";
import type { ReconcileRow } from "@/lib/ports/report_store.ts";
import type { BookLine, OutboxEntry, OutboxState } from "@/lib/ports/usage.ts";

/** Stripe's summaries are eventually consistent, without a promise; longer than this is no lag. */
const LATE_MS = 2 * 3_600_000;
const MAX_EVIDENCE = 10;
/** Nothing needs to be done about such an entry. */
const CLOSED_STATES: ReadonlySet<OutboxState> = new Set(["sent", "confirmed", "written_off"]);

export interface RowFacts {
  readonly tenantId: string;
  readonly meter: string;
  readonly periodId: string;
  /** Books of this meter and period, one line per plan version. */
  readonly books: readonly BookLine[];
  /** The same, read again after Stripe was asked: units may have gone out in between. */
  readonly booksAfter?: readonly BookLine[];
  /** Outbox entries of this meter and period that Stripe's summary has not confirmed. */
  readonly entries: readonly OutboxEntry[];
  readonly stripe: Units;
  readonly invoiced: Units | null;
  readonly nowMs: number;
}

/**
 * Compares ledger and Stripe to the unit and explains what differs. What the books call delivered
 * must be in Stripe's summary. Less there is explained by entries sent a short while ago; more, by
 * entries whose outcome is not known. The rest is unexplained: a defect, or somebody else's events.
 */
export function explainRow(facts: RowFacts): ReconcileRow {
  const { books, entries, stripe, nowMs } = facts;
  const ledger = ledgerOf(books);
  const { delivered, moved } = deliveredAround(facts);
  const refused = unitsOf(entries, ({ state }) => state === "held" || state === "rejected");
  const doubtful = unitsOf(entries, ({ state }) => state === "doubtful");
  const recent = unitsOf(entries, (entry) => isRecentlySent(entry, nowMs));
  const underWay = unitsOf(entries, mayHaveArrived);
  const uncertain = doubtful + underWay;
  const missing = delivered - stripe;
  const late = clamp(missing, recent);
  const arrived = clamp(-missing, uncertain);
  const pending = ledger - delivered - refused - doubtful;
  return {
    tenantId: facts.tenantId,
    meter: facts.meter,
    periodId: facts.periodId,
    ledger,
    stripe,
    // Asked a moment before the summary, of units that were on their way: no comparison.
    invoiced: distance(facts.invoiced ?? stripe, stripe) <= moved + underWay
      ? equalOrNone(facts.invoiced, stripe)
      : facts.invoiced,
    pending: pending > 0n ? pending : 0n,
    late,
    refused,
    doubtful,
    unexplained: missing - late + arrived,
    evidence: entries.filter(({ state }) => state !== "confirmed" && state !== "written_off")
      .sort((a, b) => weight(b) - weight(a))
      .slice(0, MAX_EVIDENCE)
      .map(({ identifier, state, units, reason }) => ({ identifier, state, units, reason })),
  };
}

/**
 * Has Stripe every unit, and can none come or go any more? Equal sums alone prove nothing: units that
 * are missing may be made up for by missing ones of the other sign. So none may be on its way or
 * open, and while both signs were sent a short while ago neither is believed to be there.
 */
export function isSettled(facts: RowFacts): boolean {
  const { books, entries, stripe } = facts;
  const atRest = books.every(({ moving, log, windows, outbox }) =>
    !moving && log === 0n && windows === 0n && outbox === 0n
  );
  const isOpen = ({ state }: OutboxEntry) => !CLOSED_STATES.has(state);
  return ledgerOf(books) === stripe && atRest && !entries.some(isOpen) && !mayHide(facts);
}

/** Sent units of either sign that no summary may show yet, or that a late refusal may still take. */
function mayHide({ entries, nowMs }: RowFacts): boolean {
  const recent = entries.filter(({ state, lastAttemptAtMs }) =>
    state === "sent" && lastAttemptAtMs !== null && nowMs - lastAttemptAtMs < LATE_MS
  );
  return recent.some(({ units }) => units < 0n) && recent.some(({ units }) => units > 0n);
}

/** Is this row a difference that somebody must look at? */
export function isDifference(row: ReconcileRow): boolean {
  return row.unexplained !== 0n || (row.invoiced !== null && row.invoiced !== row.stripe);
}

function isRecentlySent({ state, firstAttemptAtMs }: OutboxEntry, nowMs: number): boolean {
  return state === "sent" && firstAttemptAtMs !== null && nowMs - firstAttemptAtMs < LATE_MS;
}

/** Tried at least once, without an answer so far. */
function mayHaveArrived({ state, attempts }: OutboxEntry): boolean {
  return (state === "in_flight" || state === "ready") && attempts > 0;
}

/** What needs a person comes first. */
function weight({ state }: OutboxEntry): number {
  return ["sent", "ready", "in_flight", "doubtful", "rejected", "held"].indexOf(state);
}

/**
 * What the books call delivered when Stripe was asked: as near to its word as they were at any time
 * between the two readings. `moved` is by how much they changed.
 */
function deliveredAround(
  { books, booksAfter = books, stripe }: RowFacts,
): { readonly delivered: Units; readonly moved: Units } {
  const [before, after] = [deliveredOf(books), deliveredOf(booksAfter)];
  const [least, most] = before < after ? [before, after] : [after, before];
  const delivered = stripe < least ? least : stripe > most ? most : stripe;
  return { delivered, moved: most - least };
}

export function deliveredOf(books: readonly BookLine[]): Units {
  return sum(books.map((line) => line.sent - line.rejected));
}

function distance(a: Units, b: Units): Units {
  return a < b ? b - a : a - b;
}

function equalOrNone(invoiced: Units | null, stripe: Units): Units | null {
  return invoiced === stripe ? invoiced : null;
}

function ledgerOf(books: readonly BookLine[]): Units {
  return sum(books.map((line) => line.acknowledged + line.adjusted - line.writtenOff));
}

function unitsOf(entries: readonly OutboxEntry[], matches: (entry: OutboxEntry) => boolean) {
  return sum(entries.filter(matches).map(({ units }) => units));
}

function clamp(value: Units, most: Units): Units {
  if (value <= 0n) return 0n;
  return value < most ? value : most;
}

function sum(values: readonly Units[]): Units {
  return values.reduce((total, value) => total + value, 0n);
}
