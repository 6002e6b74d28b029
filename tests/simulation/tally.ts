import type { ScheduleResult } from "./schedule.ts";
import type { Totals } from "./verdict.ts";

/** Sums over many schedules. */
export interface Tally {
  schedules: number;
  steps: number;
  /** Schedules with violations, first ones only. */
  readonly failures: { readonly seed: number; readonly violations: readonly string[] }[];
  failed: number;
  readonly totals: Record<keyof Totals, bigint>;
}

const FAILURES_KEPT = 20;

export function emptyTally(): Tally {
  return {
    schedules: 0,
    steps: 0,
    failures: [],
    failed: 0,
    totals: {
      calls: 0n,
      unitsAcknowledged: 0n,
      unitsCounted: 0n,
      unitsAdjusted: 0n,
      unitsSent: 0n,
      unitsBilled: 0n,
      kvCalls: 0n,
      commits: 0n,
      lostReplies: 0n,
      repeatedCommits: 0n,
      kills: 0n,
      stripeCalls: 0n,
    },
  };
}

export function addResult(tally: Tally, { seed, violations, steps, totals }: ScheduleResult): void {
  tally.schedules++;
  tally.steps += steps;
  addTotals(tally, totals);
  if (violations.length === 0) return;
  tally.failed++;
  if (tally.failures.length < FAILURES_KEPT) tally.failures.push({ seed, violations });
}

export function addTally(tally: Tally, more: Tally): void {
  tally.schedules += more.schedules;
  tally.steps += more.steps;
  tally.failed += more.failed;
  addTotals(tally, more.totals);
  tally.failures.push(...more.failures.slice(0, FAILURES_KEPT - tally.failures.length));
}

export function replayCommand(seed: number, ablation: string | null): string {
  const ablate = ablation === null ? "" : ` --ablate ${ablation}`;
  return `deno task sim --schedules 1 --seed ${seed}${ablate}`;
}

/** What a person wants to know, in a few lines. */
export function tallyText(tally: Tally, ablation: string | null): string {
  const { totals } = tally;
  return [
    `schedules          ${tally.schedules} (${tally.steps} events)`,
    `violations         ${tally.failed}`,
    `calls              ${totals.calls}`,
    `units acknowledged ${totals.unitsAcknowledged}, counted ${totals.unitsCounted}, ` +
    `adjusted ${totals.unitsAdjusted}, sent ${totals.unitsSent}, billed ${totals.unitsBilled}`,
    `KV commits         ${totals.commits}, replies lost ${totals.lostReplies}, ` +
    `repeated ${totals.repeatedCommits}`,
    `kills              ${totals.kills}`,
    `Stripe calls       ${totals.stripeCalls}`,
    ...tally.failures.slice(0, 5).flatMap(({ seed, violations }) => [
      `seed ${seed}: ${violations[0]}`,
      `  replay: ${replayCommand(seed, ablation)}`,
    ]),
  ].join("\n");
}

function addTotals(tally: Tally, totals: Readonly<Record<keyof Totals, number | bigint>>): void {
  for (const name of Object.keys(tally.totals) as (keyof Totals)[]) {
    tally.totals[name] += BigInt(totals[name]);
  }
}
