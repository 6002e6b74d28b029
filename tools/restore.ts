/** `deno task restore`: makes a database that was restored from a copy safe to serve from. */
import { parseArgs } from "node:util";
import { meterEventName } from "@/lib/domain/meter.ts";
import { createRestoreStore } from "@/lib/kv/database_epoch.ts";
import type { KvLike } from "@/lib/kv/kv_like.ts";
import { openKv } from "@/lib/kv/open_kv.ts";
import { createOutboxStore } from "@/lib/kv/outbox_store.ts";
import { createKvPlanStore } from "@/lib/kv/plan_store.ts";
import { createQuotaStore } from "@/lib/kv/quota_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { createBillingTargets } from "@/lib/metering/billing_targets.ts";
import { Folder } from "@/lib/metering/fold.ts";
import { Recorder } from "@/lib/metering/recorder.ts";
import {
  restore,
  type RestoreDeps,
  type RestoreReport,
  type RestoreSurvey,
  surveyRestore,
} from "@/lib/metering/restore.ts";
import { Sealer } from "@/lib/metering/seal.ts";
import { loadEnv } from "@/lib/platform/env.ts";
import { createIds } from "@/lib/platform/ids.ts";
import { createJsonLogger, writeToStderr } from "@/lib/platform/json_logger.ts";
import { systemClock } from "@/lib/platform/system_clock.ts";
import { systemScheduler } from "@/lib/platform/system_scheduler.ts";
import type { BillingTargets } from "@/lib/ports/billing_targets.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { Logger } from "@/lib/ports/logger.ts";

const HELP = `Usage: deno task restore [--dry-run] [--confirm <word>]

Run it once after a database was restored from a copy, before any instance starts on it. What the
database did after the copy was made is not in it, so units that it holds as unsent may be at Stripe
already. The drill folds and seals all of them, puts every open entry in doubt, and gives the
database a new epoch, so that no new identifier can be one that Stripe has seen. Nothing is sent
here: an hour later the service asks Stripe's summaries entry by entry, and holds for a person what
they can't tell. Stripe is not called.

Without options it shows what it would do and the word to confirm with; --dry-run only shows.
Repeat it if it was cut off: until it has finished, no instance starts on this database.

Exit codes: 0 done (or shown), 1 refused, 2 wrong usage.
`;

export interface RestoreEffects {
  readonly kv: KvLike;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly targets?: BillingTargets;
  /** As the instances have it. */
  readonly ringSize?: number;
}

/** The drill over one database; the recorder it folds with takes no calls. */
export function restoreParts({ kv, clock, ids, logger, ...given }: RestoreEffects) {
  const log = createUsageLog({
    kv,
    ...given.ringSize === undefined ? {} : { ringSize: given.ringSize },
  });
  const targets = given.targets ?? createBillingTargets({
    tenants: createKvTenantStore(kv),
    plans: createKvPlanStore(kv),
    eventNameOf: meterEventName,
  });
  const quotas = createQuotaStore({ kv });
  const recorder = new Recorder({
    log,
    clock,
    ids,
    scheduler: systemScheduler,
    logger,
    windowMs: 5_000,
    durability: "commit",
  });
  const folder = new Folder({
    log,
    clock,
    logger,
    scheduler: systemScheduler,
    recorder,
    onRetired: (instanceId) => quotas.reclaim(instanceId),
  });
  const withEpoch = (databaseEpoch: string) => {
    const outbox = createOutboxStore({ kv, databaseEpoch });
    return { outbox, sealer: new Sealer({ outbox, targets, clock, settleMs: 0 }) };
  };
  const deps: RestoreDeps = {
    restores: createRestoreStore({ kv }),
    log,
    folder,
    targets,
    clock,
    ...withEpoch(""),
  };
  return { deps, withEpoch };
}

export function surveyText(
  { epoch, begun, liveInstances, rings, minuteSlots, parkedLines, entries }: RestoreSurvey,
): string {
  return [
    `Database epoch ${epoch}${begun ? "; a restore was begun and cut off" : ""}.`,
    `To fold: the logs of instances, ${rings} of them.`,
    `To seal: ${minuteSlots.count} minutes with ${minuteSlots.units} units, and what can be billed ` +
    `of ${parkedLines.count} parked lines with ${parkedLines.units} units.`,
    `To doubt: ${entries.count} open entries with ${entries.units} units; ${entries.kept} stay ` +
    "held as they are.",
    ...liveInstances.length === 0
      ? []
      : [`STOP THESE INSTANCES FIRST: ${liveInstances.join(", ")}`],
  ].join("\n");
}

export function reportText(
  { oldEpoch, newEpoch, doubted, sealed, parked }: RestoreReport,
): string {
  return [
    `The database epoch was ${oldEpoch} and is ${newEpoch}.`,
    `${doubted} open entries are in doubt, ${sealed} more were sealed in doubt, ${parked} minutes ` +
    "were parked.",
    "Start the service. In an hour Stripe's summaries begin to decide; then run",
    "`deno task books` and `deno task reconcile`: units that Stripe has and this database has lost",
    "show there as unexplained. Keys revoked after the copy was made are valid again: revoke them.",
  ].join("\n");
}

interface RestoreArguments {
  readonly help: boolean;
  readonly dryRun: boolean;
  readonly word: string | null;
}

/** `null`: wrong usage. */
export function parseArguments(args: readonly string[]): RestoreArguments | null {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", default: false },
        "dry-run": { type: "boolean", default: false },
        confirm: { type: "string" },
      },
    });
    const { help, "dry-run": dryRun, confirm: word = null } = values;
    return dryRun && word !== null ? null : { help, dryRun, word };
  } catch {
    return null;
  }
}

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(args);
  if (parsed === null || parsed.help) {
    print(HELP);
    return parsed === null ? 2 : 0;
  }
  const env = loadEnv();
  if (!env.ok) throw new Error(env.error.detail);
  const clock = systemClock;
  const ids = createIds(clock);
  const logger = createJsonLogger({ level: env.value.logLevel, clock, write: writeToStderr });
  const kv = await openKv(env.value.kv, { scheduler: systemScheduler, ids });
  try {
    const { deps, withEpoch } = restoreParts({ kv, clock, ids, logger });
    const surveyed = await surveyRestore(deps);
    if (!surveyed.ok) return refused(surveyed.error.detail);
    print(surveyText(surveyed.value));
    if (parsed.dryRun) return 0;
    const { epoch } = surveyed.value;
    const question = `Type ${epoch} to go on:`;
    const word = parsed.word ?? (Deno.stdin.isTerminal() ? prompt(question) : null);
    if (word === null) {
      print(`Nothing was changed. To go on: deno task restore --confirm ${epoch}`);
      return 0;
    }
    const act = {
      actor: { kind: "system", id: "restore" },
      ip: null,
      requestId: ids.next("req"),
    } as const;
    const done = await restore(deps, { word, newEpoch: ids.next("db"), act }, withEpoch);
    if (!done.ok) return refused(done.error.detail);
    print(reportText(done.value));
    return 0;
  } finally {
    kv.close();
  }
}

function refused(detail: string): number {
  print(`${detail}. Nothing is sent or lost.`);
  return 1;
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
