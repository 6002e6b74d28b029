import { createIdempotencyStore } from "@/lib/kv/idempotency_store.ts";
import { createOutboxStore } from "@/lib/kv/outbox_store.ts";
import { createQuotaStore } from "@/lib/kv/quota_store.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { createUsageStore } from "@/lib/kv/usage_store.ts";
import type { KvLike } from "@/lib/kv/kv_like.ts";
import { MeteringEngine } from "@/lib/metering/engine.ts";
import type { Durability } from "@/lib/metering/recorder.ts";
import type { BillingTarget } from "@/lib/ports/billing_targets.ts";
import type { IdempotencyStore } from "@/lib/ports/idempotency.ts";
import type { Scheduler } from "@/lib/ports/scheduler.ts";
import type { RecordOutcome, RecordRequest, UsageEntry, UsageReader } from "@/lib/ports/usage.ts";
import { assertEquals } from "@std/assert";
import { CountingIds, FixedClock, MemoryLogger } from "./fixed_effects.ts";
import { MemoryKv } from "./memory_kv.ts";
import { MemoryStore } from "./memory_store.ts";
import { ScriptedKv } from "./scripted_kv.ts";
import { ScriptedProvider } from "./scripted_provider.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Runs what is due when its clock is moved. */
export class ManualScheduler implements Scheduler {
  #tasks: { atMs: number; task: () => void }[] = [];

  constructor(private readonly clock: FixedClock) {}

  after(delayMs: number, task: () => void): () => void {
    // A rest is no wait: nobody has to move the clock for it.
    if (delayMs === 0) {
      const rest = setTimeout(task);
      return () => clearTimeout(rest);
    }
    const entry = { atMs: this.clock.nowMs() + delayMs, task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== entry);
    };
  }

  runDue(): void {
    const due = this.#tasks.filter(({ atMs }) => atMs <= this.clock.nowMs());
    this.#tasks = this.#tasks.filter((entry) => !due.includes(entry));
    for (const { task } of due) task();
  }
}

export interface MeteringWorld {
  readonly kv: ScriptedKv;
  readonly clock: FixedClock;
  readonly scheduler: ManualScheduler;
  readonly provider: ScriptedProvider;
  readonly logger: MemoryLogger;
  readonly reader: UsageReader;
  readonly idempotency: IdempotencyStore;
  /** Change to make a tenant billable or not. */
  targets: (line: { tenantId: string; meter: string; planRevision: string }) => BillingTarget;
  /** A new process on the same store. */
  engine(options?: { durability?: Durability; kv?: KvLike; sending?: boolean }): MeteringEngine;
  close(): void;
}

export const PERIOD = "2026-05-01";

export function billable(tenantId: string, meter: string): BillingTarget {
  return {
    kind: "billable",
    eventName: meter,
    stripeCustomerId: `cus_${tenantId}`,
    interval: "month",
    prices: { kind: "in_force", sinceMs: 0 },
  };
}

/** Metering over a store of its own; time stands still until the test moves it. */
export async function openMeteringWorld(
  options: {
    path?: string;
    ringSize?: number;
    guardsMax?: number;
    kv?: KvLike;
    /** The store drops what has expired by this world's clock, as soon as any store does. */
    forgets?: boolean;
  } = {},
): Promise<MeteringWorld> {
  const { path = ":memory:", ringSize = 64, guardsMax = 6, forgets = false } = options;
  const clock = new FixedClock();
  const own = () => forgets ? new MemoryKv(new MemoryStore(() => clock.nowMs())) : null;
  const kv = new ScriptedKv(options.kv ?? own() ?? await Deno.openKv(path));
  const scheduler = new ManualScheduler(clock);
  const provider = new ScriptedProvider(clock);
  const logger = new MemoryLogger();
  const ids = new CountingIds();
  const log = createUsageLog({ kv, ringSize, guardsMax });
  const world: MeteringWorld = {
    kv,
    clock,
    scheduler,
    provider,
    logger,
    reader: createUsageStore({ kv, log, clock }),
    idempotency: createIdempotencyStore({ kv }),
    targets: ({ tenantId, meter }) => billable(tenantId, meter),
    engine: ({ durability = "commit", kv: own = kv, sending = true } = {}) =>
      new MeteringEngine({
        log: createUsageLog({ kv: own, ringSize, guardsMax }),
        outbox: createOutboxStore({ kv: own, databaseEpoch: "epoch" }),
        quotas: createQuotaStore({ kv: own }),
        targets: { target: (line) => Promise.resolve(world.targets(line)) },
        provider,
        clock,
        ids,
        scheduler,
        logger,
        windowMs: 5_000,
        durability,
        sending,
      }),
    close: () => kv.close(),
  };
  return world;
}

export function entry(units: bigint | number, change: Partial<UsageEntry> = {}): UsageEntry {
  return {
    tenantId: "acme",
    meter: "risk_score",
    planRevision: "growth@1",
    periodId: PERIOD,
    keyId: "key_1",
    units: BigInt(units),
    ...change,
  };
}

export function call(
  units: bigint | number,
  change: Partial<RecordRequest> & { entry?: Partial<UsageEntry> } = {},
): RecordRequest {
  const { entry: entryChange, ...rest } = change;
  return { entries: [entry(units, entryChange)], epoch: null, ...rest };
}

export function committed(outcomes: readonly RecordOutcome[]): number {
  return outcomes.filter(({ kind }) => kind === "committed").length;
}

/** Everything adds up, line by line and against the segments' own count. */
export async function assertBooksBalance(reader: UsageReader): Promise<void> {
  const wrong = (await reader.books()).filter(({ difference, moving }) =>
    difference !== 0n || moving
  );
  assertEquals(wrong, [], "the books differ");
  const evidence = await reader.evidence();
  assertEquals(evidence.difference, 0n, "the segments' own count differs");
}

export async function acknowledged(reader: UsageReader, tenantId = "acme"): Promise<bigint> {
  const books = await reader.books({ tenantId });
  return books.reduce((sum, line) => sum + line.acknowledged, 0n);
}

export function delivered(provider: ScriptedProvider, tenantId = "acme"): bigint {
  return provider.accepted.filter(({ stripeCustomerId }) => stripeCustomerId === `cus_${tenantId}`)
    .reduce((sum, { units }) => sum + units, 0n);
}
