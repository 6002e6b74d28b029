import { drainMicrotasks } from "./microtasks.ts";
import { Random } from "./random.ts";

/** A process in the simulation. Once killed, nothing that it waits for ever comes back. */
export class Actor {
  #alive = true;
  readonly #watchers = new Set<() => void>();
  /** Stands for the name in the trace. */
  readonly nameHash: number;

  constructor(readonly name: string) {
    let hash = 0;
    for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 16777619);
    this.nameHash = hash;
  }

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

/** What an event is, for people; built only when somebody looks. */
export type Label = string | (() => string);

interface Event {
  readonly atMs: number;
  readonly tie: number;
  /** Skipped when its owner is dead; without an owner it always happens. */
  readonly owner: Actor | null;
  readonly label: Label;
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
  #hash = 0x811c9dc5;
  #hashHigh = 0x01000193;
  readonly #queue = new EventQueue();
  readonly #atStep = new Map<number, () => void | Promise<void>>();
  /** All events, for people, when they are kept. */
  readonly history: string[] = [];
  readonly #keeps: boolean;

  readonly #drain: (() => void) | null;

  constructor(
    { seed, startMs, keepRecent = false, drain = drainMicrotasks }: {
      seed: number;
      startMs: number;
      keepRecent?: boolean;
      /** Without it each event takes a turn of the event loop, with the same history. */
      drain?: (() => void) | null;
    },
  ) {
    this.random = new Random(seed, 1);
    this.#drain = drain;
    this.#keeps = keepRecent;
    this.#nowMs = startMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get steps(): number {
    return this.#steps;
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
    { owner, label, run }: { owner: Actor | null; label: Label; run: () => void },
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
    { label, latency, effect }: { label: Label; latency: Latency; effect: () => Promise<T> },
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const reply = (run: () => void) =>
        this.after(latency.backMs, { owner, label: () => `${textOf(label)} reply`, run });
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
      label: Label;
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
        this.after(latency.backMs, { owner: from, label: () => `${textOf(label)} reply`, run });
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

  /** Adds to the trace what happened besides events. */
  mix(word: number): void {
    this.#hash = Math.imul(this.#hash ^ word, 0x01000193);
    this.#hashHigh = Math.imul(this.#hashHigh ^ word ^ (this.#hash >>> 15), 0x85ebca6b);
  }

  /** Runs events until `goal` is settled. Throws `Deadlock` when nothing is left that could. */
  async run<T>(goal: () => Promise<T>, { maxSteps }: { maxSteps: number }): Promise<T> {
    let done = false;
    const result = goal().finally(() => done = true);
    result.catch(() => {});
    await turn(() => {});
    while (!done) {
      let action: void | Promise<void> = undefined;
      await turn(() => {
        while (!done && action === undefined) {
          if (this.#steps >= maxSteps) throw new Deadlock(`Not finished after ${maxSteps} events`);
          action = this.#playNext();
          if (this.#drain === null) return;
          this.#drain();
        }
      });
      await action;
    }
    return await result;
  }

  /** Plays one event, or what is due before it. */
  #playNext(): void | Promise<void> {
    const action = this.#atStep.get(this.#steps);
    if (action !== undefined) {
      this.#atStep.delete(this.#steps);
      return action();
    }
    const event = this.#queue.pop();
    if (event === undefined) throw new Deadlock("Nothing is left that could happen");
    if (event.cancelled || event.owner?.alive === false) return;
    this.#note(event);
    event.run();
  }

  #note(event: Event): void {
    this.#nowMs = Math.max(this.#nowMs, event.atMs);
    this.#steps++;
    this.mix(this.#nowMs % 0x7fffffff);
    this.mix(event.tie);
    if (event.owner !== null) this.mix(event.owner.nameHash);
    if (!this.#keeps) return;
    this.history.push(`${this.#nowMs} ${event.owner?.name ?? "-"} ${textOf(event.label)}`);
  }
}

function textOf(label: Label): string {
  return typeof label === "string" ? label : label();
}

/** A turn of the real event loop: it comes after every promise that can move has moved. */
function turn(play: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        play();
        resolve();
      } catch (error) {
        reject(error);
      }
    });
  });
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
