import { Random } from "./random.ts";

/** A process in the simulation. Once killed, nothing that it waits for ever comes back. */
export class Actor {
  #alive = true;
  readonly #watchers = new Set<() => void>();

  constructor(readonly name: string) {}

  get alive(): boolean {
    return this.#alive;
  }

  kill(): void {
    this.#alive = false;
    for (const tell of this.#watchers) tell();
    this.#watchers.clear();
  }

  /** Calls back once when the actor dies; returns how to stop watching. */
  onDeath(tell: () => void): () => void {
    this.#watchers.add(tell);
    return () => this.#watchers.delete(tell);
  }
}

/** The connection to a killed actor broke; whether it did the work is unknown to the caller. */
export class ConnectionLost extends Error {
  override name = "ConnectionLost";
}

/** A wait that no event can end: something lost its wake-up. */
export class Deadlock extends Error {
  override name = "Deadlock";
}

interface Event {
  readonly atMs: number;
  readonly tie: number;
  /** Skipped when its owner is dead; without an owner it always happens. */
  readonly owner: Actor | null;
  readonly label: string;
  readonly run: () => void;
  cancelled: boolean;
}

export type Cancel = () => void;

/** How long a request travels before its effect, and the reply after it, in milliseconds. */
export interface Latency {
  readonly thereMs: number;
  readonly backMs: number;
}

/**
 * Runs several actors on one thread under a virtual clock. Every effect is an event in virtual
 * time; between two events all promises that can move do move, so one seed gives one history.
 */
export class VirtualScheduler {
  readonly random: Random;
  #nowMs: number;
  #steps = 0;
  #current: Actor | null = null;
  #hash = 0x811c9dc5;
  #hashHigh = 0x01000193;
  readonly #queue = new EventQueue();
  readonly #atStep = new Map<number, () => void | Promise<void>>();
  /** The last events, for people, when they are kept. */
  readonly recent: string[] = [];
  readonly #keeps: boolean;

  constructor(
    { seed, startMs, keepRecent = false }: { seed: number; startMs: number; keepRecent?: boolean },
  ) {
    this.random = new Random(seed, 1);
    this.#keeps = keepRecent;
    this.#nowMs = startMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Whose code runs now. */
  get current(): Actor | null {
    return this.#current;
  }

  /** Equal for equal histories. */
  get traceHash(): string {
    const hex = (half: number) => (half >>> 0).toString(16).padStart(8, "0");
    return hex(this.#hash) + hex(this.#hashHigh);
  }

  /** Runs `action` between two events once that many have happened, e.g. to kill somebody. */
  atStep(step: number, action: () => void | Promise<void>): void {
    this.#atStep.set(step, action);
  }

  after(
    delayMs: number,
    { owner, label, run }: { owner: Actor | null; label: string; run: () => void },
  ): Cancel {
    const event: Event = {
      atMs: this.#nowMs + Math.max(0, delayMs),
      tie: this.random.uint32(),
      owner,
      label,
      run,
      cancelled: false,
    };
    this.#queue.push(event);
    return () => {
      event.cancelled = true;
    };
  }

  sleep(owner: Actor, delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(delayMs, { owner, label: "wake", run: resolve });
    });
  }

  /**
   * A request to a service outside: the effect happens even if the caller dies meanwhile; the reply
   * reaches it only alive.
   */
  carry<T>(
    owner: Actor,
    { label, latency, effect }: { label: string; latency: Latency; effect: () => Promise<T> },
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const reply = (run: () => void) =>
        this.after(latency.backMs, { owner, label: `${label} reply`, run });
      this.after(latency.thereMs, {
        owner: null,
        label,
        run: () =>
          void effect().then(
            (value) => reply(() => resolve(value)),
            (error) => reply(() => reject(error)),
          ),
      });
    });
  }

  /** A request from one actor to another; breaks with `ConnectionLost` when the other dies. */
  ask<T>(
    { from, to, label, latency, work }: {
      from: Actor;
      to: Actor;
      label: string;
      latency: Latency;
      work: () => Promise<T>;
    },
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      let settled = false;
      const settle = (run: () => void) => {
        if (settled) return;
        settled = true;
        unwatch();
        this.after(latency.backMs, { owner: from, label: `${label} reply`, run });
      };
      const broken = () => settle(() => reject(new ConnectionLost(`${to.name} is gone`)));
      const unwatch = to.onDeath(broken);
      if (!to.alive) return broken();
      this.after(latency.thereMs, {
        owner: to,
        label,
        run: () =>
          void work().then(
            (value) => settle(() => resolve(value)),
            (error) => settle(() => reject(error)),
          ),
      });
    });
  }

  /** Runs events until `goal` is settled. Throws `Deadlock` when nothing is left that could. */
  async run<T>(goal: () => Promise<T>, { maxSteps }: { maxSteps: number }): Promise<T> {
    let done = false;
    const result = goal().finally(() => done = true);
    result.catch(() => {});
    await settled();
    while (!done) {
      if (this.#steps >= maxSteps) throw new Deadlock(`Not finished after ${maxSteps} events`);
      const event = this.#queue.pop();
      if (event === undefined) throw new Deadlock("Nothing is left that could happen");
      if (event.cancelled || event.owner?.alive === false) continue;
      this.#note(event);
      this.#current = event.owner;
      event.run();
      await settled();
      this.#current = null;
      await this.#atStep.get(this.#steps)?.();
    }
    return await result;
  }

  #note(event: Event): void {
    this.#nowMs = Math.max(this.#nowMs, event.atMs);
    this.#steps++;
    this.#mix(this.#nowMs % 0x7fffffff);
    this.#mixText(event.label);
    if (event.owner !== null) this.#mixText(event.owner.name);
    if (!this.#keeps) return;
    if (this.recent.length >= 400) this.recent.splice(0, 200);
    this.recent.push(`${this.#nowMs} ${event.owner?.name ?? "-"} ${event.label}`);
  }

  #mixText(text: string): void {
    for (let index = 0; index < text.length; index++) this.#mix(text.charCodeAt(index));
  }

  #mix(word: number): void {
    this.#hash = Math.imul(this.#hash ^ word, 0x01000193);
    this.#hashHigh = Math.imul(this.#hashHigh ^ word ^ (this.#hash >>> 15), 0x85ebca6b);
  }
}

/** A turn of the real event loop: it comes after every promise that can move has moved. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A binary heap by time, then by the drawn tie. */
class EventQueue {
  readonly #heap: Event[] = [];

  push(event: Event): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt];
      if (parent === undefined || !before(event, parent)) break;
      heap[at] = parent;
      heap[at = parentAt] = event;
    }
  }

  pop(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
      if (left === undefined) break;
      const goRight = right !== undefined && before(right, left);
      const child = goRight ? right : left;
      if (!before(child, last)) break;
      heap[at] = child;
      at = 2 * at + (goRight ? 2 : 1);
    }
    heap[at] = last;
    return first;
  }
}

function before(left: Event, right: Event): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.tie < right.tie);
}
