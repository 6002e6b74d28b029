import type { ChoreRun } from "@/lib/ports/chores.ts";
import { formatUnits } from "../ui/format.ts";

/** One count and what it counts. */
type Words = readonly [one: string, many: string];

const WORDS: Readonly<Record<string, Words>> = {
  retiredRings: ["log of a gone instance folded", "logs of gone instances folded"],
  sealed: ["minute sealed", "minutes sealed"],
  released: ["parked minute released", "parked minutes released"],
  sent: ["entry sent", "entries sent"],
  held: ["entry held", "entries held"],
  unsure: ["entry in doubt", "entries in doubt"],
  waiting: ["entry left for later", "entries left for later"],
  noticesApplied: ["webhook applied", "webhooks applied"],
  noticesFailed: ["webhook failed", "webhooks failed"],
  alerts: ["alert raised", "alerts raised"],
  alertsDelivered: ["alert delivered", "alerts delivered"],
  creditsGiven: ["credit given to Stripe", "credits given to Stripe"],
  creditsFailed: ["credit that Stripe did not take", "credits that Stripe did not take"],
  creditsLeft: ["credit left for the next run", "credits left for the next run"],
  periodsFinalized: ["invoice finalized", "invoices finalized"],
  periodsHeld: ["invoice held", "invoices held"],
  periodsWaiting: ["invoice waits", "invoices wait"],
  olderFinalized: ["older invoice finalized", "older invoices finalized"],
  olderHeld: ["older invoice still held", "older invoices still held"],
  olderWaiting: ["older invoice waits", "older invoices wait"],
  olderLeft: ["older invoice left for the next run", "older invoices left for the next run"],
  bookLines: ["line of the books proved", "lines of the books proved"],
  bookDifferences: ["line differs", "lines differ"],
  reconciled: ["line compared with Stripe", "lines compared with Stripe"],
  reconcileDifferences: ["line differs from Stripe", "lines differ from Stripe"],
  entriesConfirmed: ["entry confirmed", "entries confirmed"],
  hourDifferences: ["hour differs", "hours differ"],
  anomalies: ["anomaly found", "anomalies found"],
  tenants: ["tenant looked at", "tenants looked at"],
  noticesRecovered: ["lost webhook made up for", "lost webhooks made up for"],
  statusChanges: ["status changed", "statuses changed"],
  listLoadsResumed: ["list load gone on with", "list loads gone on with"],
  countersPruned: ["old counter deleted", "old counters deleted"],
  failures: ["tenant failed", "tenants failed"],
};

/** What a run did, in words; counts of nothing say nothing. */
export function runWords(report: ChoreRun["report"], locale: string): string {
  const said = Object.entries(report).flatMap(([name, value]) => wordsOf(name, value, locale));
  const text = said.join(", ");
  return text === "" ? "Nothing was due" : text.charAt(0).toUpperCase() + text.slice(1);
}

/** `840 ms`, `2.4 s`, `1 min 5 s`. */
export function tookWords({ startedAtMs, endedAtMs }: ChoreRun): string {
  const ms = Math.max(0, endedAtMs - startedAtMs);
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function wordsOf(name: string, value: string | number | boolean, locale: string): string[] {
  if (value === 0 || value === false) return [];
  if (name === "error") return [String(value)];
  if (name === "unauthorized") return ["Stripe refused our key, so nothing more was sent"];
  const words = WORDS[name];
  if (typeof value === "number" && words !== undefined) {
    return [`${formatUnits(value, locale)} ${value === 1 ? words[0] : words[1]}`];
  }
  return [`${spaced(name)}: ${value}`];
}

function spaced(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
