import { sumUnits } from "@/lib/domain/segment.ts";
import { spanStart } from "@/lib/domain/window.ts";
import { invariant } from "@/lib/domain/invariant.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import type { Scheduler } from "@/lib/ports/scheduler.ts";
import type { AppendOutcome, UsageLog } from "@/lib/ports/usage_log.ts";
import type {
  ConfigEpoch,
  RecordOutcome,
  RecordRequest,
  UsageRecorder,
} from "@/lib/ports/usage.ts";
import { CommitBatch, isUntried, type Waiting } from "./commit_batch.ts";
import { RingWriter } from "./ring_writer.ts";

export type Durability = "commit" | "buffer";

export interface RecorderDeps {
  readonly log: UsageLog;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly windowMs: number;
  readonly durability: Durability;
}

/** How long an instance counts as alive after its last sign of life. */
const LEASE_MS = 20_000;
export const UNITS_MAX = 2n ** 53n - 1n;

const QUEUE_MAX = 20_000;
const TRIES_MAX = 6;
const RETRY_AFTER_MS = 1_000;

/**
 * Group commit: requests that arrive while a commit is under way share the next one. One commit
 * writes one segment into this instance's ring; the answer goes out after it.
 */
export class Recorder implements UsageRecorder {
  #queue: Waiting[] = [];
  #pumping: Promise<void> | null = null;
  #ring: RingWriter | null = null;
  #opening: Promise<RingWriter> | null = null;
  #closed = false;
  /** Frees places of a full ring; set by the folder. */
  makeRoom: () => Promise<void> = () => Promise.resolve();

  constructor(private readonly deps: RecorderDeps) {}

  /** The ring being written, `null` before the first one and after losing one. */
  get ring(): RingWriter | null {
    return this.#ring;
  }

  record(request: RecordRequest): Promise<RecordOutcome> {
    for (const { units } of request.entries) {
      invariant(units > 0n && units <= UNITS_MAX, `Units out of range: ${units}`);
    }
    if (this.#closed || this.#queue.length >= QUEUE_MAX) return Promise.resolve(unavailable());
    const guarded = request.reply !== undefined || request.event !== undefined;
    const buffered = this.deps.durability === "buffer" && !guarded;
    return new Promise((resolve) => {
      const answer = buffered ? () => {} : resolve;
      this.#queue.push({ request, buffered, answer, marks: [] });
      if (buffered) resolve({ kind: "committed", windowStartMs: this.#windowStart() });
      this.#wake();
    });
  }

  /** Opens the ring ahead of the first call, and again after it was lost. */
  async open(): Promise<RingWriter> {
    if (this.#ring !== null) return this.#ring;
    this.#opening ??= this.#openRing().finally(() => {
      this.#opening = null;
    });
    return await this.#opening;
  }

  /** Tells the others that this instance is alive; finds out when they thought otherwise. */
  async renewLease(): Promise<void> {
    const ring = this.#ring;
    if (ring === null) return;
    const nowMs = this.deps.clock.nowMs();
    const lease = { ring: ring.version, untilMs: nowMs + LEASE_MS };
    if (await this.deps.log.renewLease(ring.instanceId, lease)) ring.aliveAtMs = nowMs;
    else this.abandon(ring);
  }

  /** Another instance has taken the ring over; it folds what stands there. */
  abandon(ring: RingWriter): void {
    if (this.#ring !== ring) return;
    this.deps.logger.warn("ring_lost", { instanceId: ring.instanceId });
    this.#ring = null;
  }

  /** Takes no more requests and resolves when all taken ones are answered. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.idle();
  }

  async idle(): Promise<void> {
    while (this.#pumping !== null) await this.#pumping;
  }

  #wake(): void {
    if (this.#pumping !== null) return;
    this.#pumping = this.#pump().then((healthy) => {
      this.#pumping = null;
      if (this.#queue.length === 0) return;
      // Calls that came in the moment after a failure try for themselves.
      const waiting = this.#queue.some(({ buffered }) => !buffered);
      if (healthy || waiting) this.#wake();
      else if (!this.#closed) this.deps.scheduler.after(RETRY_AFTER_MS, () => this.#wake());
    });
  }

  /** `false`: nothing can be written now. */
  async #pump(): Promise<boolean> {
    // The first request of an idle moment waits for its neighbours of the same turn.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      try {
        const ring = await this.#writableRing();
        const batch = this.#takeBatch(ring);
        if (batch.items.length > 0) await this.#commit(ring, batch);
      } catch (error) {
        this.deps.logger.error("recorder_unavailable", { error: String(error) });
        this.#giveUp();
        return false;
      }
    }
    return true;
  }

  async #openRing(): Promise<RingWriter> {
    const { log, ids, clock } = this.deps;
    const instanceId = ids.next("ins");
    const aliveAtMs = clock.nowMs();
    const cursor = await log.openRing(instanceId, aliveAtMs + LEASE_MS);
    this.#ring = new RingWriter({ instanceId, cursor, ringSize: log.ringSize, aliveAtMs });
    return this.#ring;
  }

  async #writableRing(): Promise<RingWriter> {
    const ring = await this.open();
    if (this.deps.clock.nowMs() - ring.aliveAtMs > LEASE_MS) {
      await this.renewLease();
      if (this.#ring !== ring) return await this.#writableRing();
    }
    if (ring.inDoubt) {
      await this.#settleDoubt(ring);
      return await this.#writableRing();
    }
    if (ring.room === 0) await this.makeRoom();
    if (this.#ring !== ring) return await this.#writableRing();
    if (ring.room === 0) throw new Error("The log is full and can't be folded");
    return ring;
  }

  /**
   * Writes an empty segment into the doubtful place: either it takes the place, and the doubtful
   * content can never land any more, or the refusal shows what landed.
   */
  async #settleDoubt(ring: RingWriter): Promise<void> {
    const windowStartMs = this.#windowStart();
    const draft = ring.draft({ entries: [], units: 0n, windowStartMs });
    const outcome = await this.#append(ring, {
      ...draft,
      epoch: undefined,
      replies: [],
      events: [],
    });
    if (outcome.kind === "committed") {
      ring.accept(draft.segment, outcome.versionstamp);
      return;
    }
    const { found } = outcome;
    const landed = found === null || found.seq !== draft.segment.seq
      ? null
      : ring.doubted(found.mark);
    if (landed !== null && found !== null) {
      // What was answered early and kept for another try is counted after all.
      this.#queue = this.#queue.filter(({ marks }) => !marks.includes(found.mark));
    }
    if (outcome.fenced || landed === null || found === null) {
      this.abandon(ring);
      return;
    }
    ring.accept(landed, found.versionstamp);
  }

  /** The oldest requests that fit into one commit and were decided under one configuration. */
  #takeBatch(ring: RingWriter): CommitBatch {
    const epoch = newestEpoch(this.#queue);
    const batch = new CommitBatch(this.deps.log.guardsMax);
    const left: Waiting[] = [];
    // Whoever was refused for a neighbour's used key goes again without new keys beside it.
    const again = (this.#queue[0]?.marks.length ?? 0) > 0;
    for (const waiting of this.#queue) {
      const { request, buffered } = waiting;
      if (!buffered && (request.epoch !== epoch || !leasedHere(request, ring))) {
        waiting.answer({ kind: "config_changed" });
      } else if ((again && isUntried(waiting)) || !batch.take(waiting)) {
        left.push(waiting);
      }
    }
    this.#queue = left;
    return batch;
  }

  async #commit(
    ring: RingWriter,
    { items: batch, entries }: Pick<CommitBatch, "items" | "entries">,
  ): Promise<void> {
    const draft = ring.draft({
      entries,
      units: sumUnits(entries),
      windowStartMs: this.#windowStart(),
    });
    const decided = batch.find(({ buffered }) => !buffered);
    const withReply = batch.filter(({ request }) => request.reply !== undefined);
    const withEvent = batch.filter(({ request }) => request.event !== undefined);
    for (const { marks } of batch) marks.push(draft.mark);
    let outcome: AppendOutcome;
    try {
      outcome = await this.#append(ring, {
        ...draft,
        epoch: decided?.request.epoch,
        replies: withReply.flatMap(({ request: { reply, replaces = null } }) =>
          reply === undefined ? [] : [{ reply, replaces }]
        ),
        events: withEvent.flatMap(({ request: { event } }) => event === undefined ? [] : [event]),
      });
    } catch (error) {
      this.#queue.unshift(...batch);
      throw error;
    }
    if (outcome.kind === "committed") {
      ring.accept(draft.segment, outcome.versionstamp);
      const { windowStartMs } = draft.segment;
      for (const { answer } of batch) answer({ kind: "committed", windowStartMs });
      return;
    }
    this.#refused(ring, batch, outcome);
  }

  #refused(
    ring: RingWriter,
    batch: readonly Waiting[],
    refusal: AppendOutcome & { readonly kind: "refused" },
  ): void {
    if (refusal.fenced) this.abandon(ring);
    const replies = [...refusal.replies];
    const events = [...refusal.events];
    const again: Waiting[] = [];
    for (const waiting of batch) {
      const { request, buffered, answer, marks } = waiting;
      const reply = request.reply === undefined ? null : replies.shift() ?? null;
      const counted = request.event === undefined ? false : events.shift() ?? false;
      if (reply !== null) answer({ kind: "replayed", reply });
      else if (counted) answer({ kind: "duplicate_event" });
      else if (!refusal.certain) answer(unavailable());
      else if (buffered) again.push(waiting);
      else if (request.epoch !== refusal.epoch) answer({ kind: "config_changed" });
      else if (marks.length >= TRIES_MAX) answer(unavailable());
      else again.push(waiting);
    }
    this.#queue.unshift(...again);
  }

  async #append(
    ring: RingWriter,
    request: Parameters<UsageLog["append"]>[1],
  ): Promise<AppendOutcome> {
    ring.doubt(request.segment, request.mark);
    const outcome = await this.deps.log.append(ring.instanceId, request);
    if (outcome.kind === "refused") ring.dispel(request.mark);
    return outcome;
  }

  /** Nothing can be written now: whoever waits is told so, what was answered already is kept. */
  #giveUp(): void {
    const queue = this.#queue;
    this.#queue = queue.filter(({ buffered }) => buffered);
    for (const { buffered, answer } of queue) if (!buffered) answer(unavailable());
  }

  #windowStart(): number {
    return spanStart(this.deps.clock.nowMs(), this.deps.windowMs);
  }
}

/** Versionstamps sort by age; whoever decided under an older one must decide again. */
function newestEpoch(queue: readonly Waiting[]): ConfigEpoch {
  let newest: ConfigEpoch = null;
  for (const { request, buffered } of queue) {
    if (!buffered && (request.epoch ?? "") > (newest ?? "")) newest = request.epoch;
  }
  return newest;
}

/** Units leased by another (or an earlier) instance of ours are not ours to serve. */
function leasedHere({ entries }: RecordRequest, { instanceId }: RingWriter): boolean {
  return entries.every(({ leasedBy }) => leasedBy === undefined || leasedBy === instanceId);
}

function unavailable(): RecordOutcome {
  return { kind: "unavailable", retryAfterMs: RETRY_AFTER_MS };
}
