import type { Clock } from "@/lib/ports/clock.ts";
import type { Scheduler } from "@/lib/ports/scheduler.ts";
import type { SubmissionId, SubmissionStore } from "@/lib/ports/submissions.ts";

/** What a submission came to, and whether anything was done. */
export interface Submitted<T> {
  readonly answer: T;
  readonly wasDone: boolean;
}

interface Kept<T> {
  readonly submitted: Promise<Submitted<T> | null>;
  readonly untilMs: number;
}

/** A second click, or the browser's own repetition, comes within this. */
const KEEP_MS = 60_000;
/** Answers kept at once; the oldest goes first. */
const KEPT_MAX = 500;

/**
 * Does each submission once, however often it is sent. A repetition gets the first one's answer,
 * which may be the only one that ever shows a secret: it is kept in memory for a minute and nowhere
 * else. Later, or on another instance, a repetition is told that it was done before. What did
 * nothing (a draft with a fault, a conflict) may be sent again.
 */
export class Submissions<T> {
  /** Answers in memory now. */
  get keptCount(): number {
    return this.#kept.size;
  }

  readonly #kept = new Map<string, Kept<T>>();

  constructor(
    private readonly deps: {
      readonly store: SubmissionStore;
      readonly clock: Clock;
      readonly scheduler: Scheduler;
    },
  ) {}

  /** `null`: it was done before, and its answer is gone. */
  async submit(id: SubmissionId, act: () => Promise<Submitted<T>>): Promise<T | null> {
    const nowMs = this.deps.clock.nowMs();
    let seen: Kept<T> | undefined;
    for (;;) {
      const earlier = this.#kept.get(id.hash);
      if (earlier === undefined || earlier === seen || nowMs >= earlier.untilMs) break;
      const submitted = await earlier.submitted.catch(() => null);
      if (submitted?.wasDone === true) return submitted.answer;
      seen = earlier;
    }
    const submitted = this.#first(id, act);
    this.#keep(id.hash, { submitted, untilMs: nowMs + KEEP_MS });
    return (await submitted)?.answer ?? null;
  }

  async #first(id: SubmissionId, act: () => Promise<Submitted<T>>): Promise<Submitted<T> | null> {
    const { store } = this.deps;
    if (!await store.claim(id)) return null;
    try {
      const submitted = await act();
      if (!submitted.wasDone) await store.release(id);
      return submitted;
    } catch (error) {
      await store.release(id);
      throw error;
    }
  }

  #keep(hash: string, kept: Kept<T>): void {
    // A rejection is for whoever submits, not for those who only look.
    kept.submitted.catch(() => {});
    this.#kept.delete(hash);
    this.#kept.set(hash, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest);
    // By itself: a secret must not stay until somebody else sends a form.
    this.deps.scheduler.after(KEEP_MS, () => {
      if (this.#kept.get(hash) === kept) this.#kept.delete(hash);
    });
  }
}
