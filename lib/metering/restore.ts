import {
  doubt,
  isRestored,
  type OutboxEntry,
  RESTORED,
  SUMMARY_SETTLE_MS,
} from "@/lib/domain/outbox.ts";
import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";
import { MINUTE_MS, minuteOf } from "@/lib/domain/window.ts";
import type { Units } from "@/lib/domain/plan.ts";
import { OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import type { BillingTargets } from "@/lib/ports/billing_targets.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { OutboxStore } from "@/lib/ports/outbox_store.ts";
import type { RestoreMark, RestoreStore } from "@/lib/ports/restore_store.ts";
import type { UsageLog } from "@/lib/ports/usage_log.ts";
import { type Act, auditDraft } from "@/lib/tenancy/act.ts";
import type { Folder } from "./fold.ts";
import type { Sealer } from "./seal.ts";

export interface RestoreDeps {
  readonly restores: RestoreStore;
  readonly log: Pick<UsageLog, "rings">;
  readonly outbox: OutboxStore;
  readonly folder: Pick<Folder, "foldStale">;
  readonly sealer: Pick<Sealer, "seal">;
  readonly targets: BillingTargets;
  readonly clock: Clock;
}

/** What a copy holds that may have been sent after it was made. */
export interface RestoreSurvey {
  readonly epoch: string;
  /** A first run was cut off; it can only be gone on with. */
  readonly begun: boolean;
  /** Instances that are alive on this database, or were a moment ago. */
  readonly liveInstances: readonly string[];
  /** Instances whose log is to be folded. */
  readonly rings: number;
  readonly minuteSlots: { readonly count: number; readonly units: Units };
  readonly parkedLines: { readonly count: number; readonly units: Units };
  /** Entries to be doubted, and held ones that stay as they are. */
  readonly entries: { readonly count: number; readonly units: Units; readonly kept: number };
}

export interface RestoreReport {
  readonly oldEpoch: string;
  readonly newEpoch: string;
  readonly doubted: number;
  readonly sealed: number;
  readonly parked: number;
}

/** A running instance shows a sign of life more often than this. */
const ALIVE_MS = 10_000;
const READ_MAX = 1_000_000;
const ROUNDS_MAX = 1_000;

/** Reads only. Error: `nothing_to_restore`. */
export async function surveyRestore(deps: RestoreDeps): Promise<Result<RestoreSurvey>> {
  const { restores, log, outbox, clock } = deps;
  const { epoch, mark } = await restores.state();
  if (epoch === null) {
    return refuse({ code: "nothing_to_restore", detail: "This database was never served from" });
  }
  const rings = await log.rings();
  const slots = await outbox.closedSlots({ beforeMs: Infinity, limit: READ_MAX });
  const parked = await outbox.parked({ limit: READ_MAX });
  const open = (await outbox.open({ limit: READ_MAX })).map(({ value }) => value);
  const doubted = open.filter((entry) => isDoubtable(entry) && !isRestored(entry));
  return accept({
    epoch,
    begun: mark !== null,
    liveInstances: rings
      .filter((ring) => ring.open && ring.leaseUntilMs + ALIVE_MS > clock.nowMs())
      .map(({ instanceId }) => instanceId),
    rings: rings.length,
    minuteSlots: sum(slots),
    parkedLines: sum(parked),
    entries: { ...sum(doubted), kept: open.filter((entry) => !isDoubtable(entry)).length },
  });
}

/**
 * Makes a database that was restored from a copy safe to serve from. Every unit that the copy does
 * not know as sent may have been sent after the copy was made: all of them are folded, sealed and
 * put in doubt, so that Stripe's own summaries decide before anything is sent again. Then the
 * database gets a new epoch, so that no new entry can have an identifier that Stripe has seen.
 *
 * Repeat it after a crash at any point: until it has finished, no instance starts. Errors:
 * `nothing_to_restore`, `instance_running`, `wrong_word`, `restore_unfinished`.
 */
export async function restore(
  deps: RestoreDeps,
  { word, newEpoch, act }: {
    /** The present epoch, typed by whoever decides. */
    readonly word: string;
    readonly newEpoch: string;
    readonly act: Act;
  },
  /** The same over the new epoch, for what is sealed. */
  withEpoch: (newEpoch: string) => Pick<RestoreDeps, "outbox" | "sealer">,
): Promise<Result<RestoreReport>> {
  const surveyed = await surveyRestore(deps);
  if (!surveyed.ok) return surveyed;
  const { epoch, liveInstances } = surveyed.value;
  if (word !== epoch) {
    return refuse({ code: "wrong_word", detail: `Type ${epoch} to confirm` });
  }
  if (liveInstances.length > 0) {
    const detail = `Stop all instances first; alive: ${liveInstances.join(", ")}`;
    return refuse({ code: "instance_running", detail });
  }
  const mark = await deps.restores.begin({ newEpoch, beganAtMs: deps.clock.nowMs() });
  const renewed = { ...deps, ...withEpoch(mark.newEpoch) };
  if (!await foldAll(renewed)) return refuse(unfinished("The log could not be folded"));
  const doubted = await doubtOpen(renewed);
  if (doubted === null) return refuse(unfinished("Entries changed meanwhile"));
  const sealed = await sealAll(renewed);
  if (sealed === null) return refuse(unfinished("Minutes could not be sealed"));
  const report = { oldEpoch: epoch, newEpoch: mark.newEpoch, doubted, ...sealed };
  const finished = await deps.restores.finish(mark, auditOf(deps, { act, mark, report }));
  return finished ? accept(report) : refuse(unfinished("Somebody else finished it"));
}

/** All units of all rings into minute slots, and the rings away. */
async function foldAll({ log, folder }: RestoreDeps): Promise<boolean> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    if ((await log.rings()).length === 0) return true;
    const { unfolded, unretired } = await folder.foldStale();
    const [trouble] = [...unfolded, ...unretired];
    if (trouble !== undefined) throw trouble;
  }
  return false;
}

/** `null`: an entry is not as it was read. */
async function doubtOpen({ outbox, clock }: RestoreDeps): Promise<number | null> {
  let doubted = 0;
  const nextAttemptAtMs = clock.nowMs() + SUMMARY_SETTLE_MS;
  for (const entry of await outbox.open({ limit: READ_MAX })) {
    const { value } = entry;
    if (!isDoubtable(value) || isRestored(value)) continue;
    const doubtful = { ...doubt(value, RESTORED), nextAttemptAtMs };
    if (await outbox.move(entry, doubtful) === null) return null;
    doubted += 1;
  }
  return doubted;
}

/**
 * Each minute slot becomes an entry in doubt, in its own minute if that is free: it is where the
 * database put it after the copy was made. `null`: some slots are left.
 */
async function sealAll(
  { outbox, sealer, targets, clock }: RestoreDeps,
): Promise<{ sealed: number; parked: number } | null> {
  const count = { sealed: 0, parked: 0 };
  for (;;) {
    const slots = await outbox.closedSlots({ beforeMs: Infinity, limit: READ_MAX });
    if (slots.length === 0) break;
    for (const slot of slots) {
      const { line, units, minuteMs } = slot;
      const target = await targets.target(line);
      if (target.kind === "unbillable") {
        if (!await outbox.park(slot)) return null;
        count.parked += 1;
        continue;
      }
      const terms = { target, line, units, desiredMs: minuteMs, doubt: RESTORED };
      if (await sealer.seal({ kind: "minute", slot }, terms) === null) return null;
      count.sealed += 1;
    }
  }
  for (const parked of await outbox.parked({ limit: READ_MAX })) {
    const { line, units } = parked;
    const target = await targets.target(line);
    if (target.kind === "unbillable") continue;
    const desiredMs = minuteOf(clock.nowMs()) - MINUTE_MS;
    const terms = { target, line, units, desiredMs, doubt: RESTORED };
    if (await sealer.seal({ kind: "parked", parked }, terms) === null) return null;
    count.sealed += 1;
  }
  return count;
}

/** A used-up identifier stays held: its units go out under another one only when a person says so. */
function isDoubtable({ state, burnt }: OutboxEntry): boolean {
  return state !== "rejected" && !burnt;
}

function auditOf(
  { clock }: RestoreDeps,
  { act, mark, report }: {
    readonly act: Act;
    readonly mark: RestoreMark;
    readonly report: RestoreReport;
  },
) {
  return auditDraft(act, {
    chain: OPERATOR_CHAIN,
    atMs: clock.nowMs(),
    action: "database.restored",
    subject: mark.newEpoch,
    after: report,
  });
}

function sum(parts: readonly { readonly units: Units }[]) {
  return { count: parts.length, units: parts.reduce((total, { units }) => total + units, 0n) };
}

function unfinished(detail: string): Refusal {
  return { code: "restore_unfinished", detail: `${detail}; run it again` };
}
