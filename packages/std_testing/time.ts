/**
 * The part of `@std/testing/time` that this repository's tests use, over `@sinonjs/fake-timers`.
 * @module
 */
import { withGlobal } from "@sinonjs/fake-timers";

type InstalledClock = ReturnType<ReturnType<typeof withGlobal>["install"]>;

/** Thrown on wrong use of {@linkcode FakeTime}. */
export class TimeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TimeError";
  }
}

/** Options of {@linkcode FakeTime}. */
export interface FakeTimeOptions {
  /** Lets fake time pass by itself, this many times as fast as real time. */
  advanceRate?: number;
  /** Milliseconds of real time between two advances. */
  advanceFrequency?: number;
}

const DEFAULT_FREQUENCY_MS = 10;

/** What fake time replaces, as it was before. */
const real = {
  Date: globalThis.Date,
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
};

let current: FakeTime | null = null;

/**
 * Replaces `Date` and the timers until `restore()`, or the end of a `using` block. Time stands still
 * unless a method moves it.
 */
export class FakeTime {
  readonly #clock: InstalledClock;
  readonly #advancing: { clear(): void } | null;
  readonly #start: number;

  constructor(start?: number | string | Date | null, options: FakeTimeOptions = {}) {
    if (current !== null) throw new TimeError("Time is already faked");
    this.#start = startMs(start);
    if (Number.isNaN(this.#start)) throw new TypeError("Invalid start");
    this.#advancing = advanceByItself(options, (ms) => this.tick(ms));
    this.#clock = withGlobal(globalThis).install({
      now: this.#start,
      toFake: ["Date", "setTimeout", "clearTimeout", "setInterval", "clearInterval"],
      ignoreMissingTimers: true,
    });
    current = this;
  }

  /** Brings real time back, whichever instance replaced it. */
  static restore(): void {
    if (current === null) throw new TimeError("Time is not faked");
    current.restore();
  }

  /** Runs something in real time while time stays faked around it. */
  static async restoreFor<T, Args extends unknown[]>(
    callback: (...args: Args) => Promise<T> | T,
    ...args: Args
  ): Promise<T> {
    if (current === null) throw new TimeError("Time is not faked");
    const { Date, setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
    const faked = { Date, setTimeout, clearTimeout, setInterval, clearInterval };
    Object.assign(globalThis, real);
    try {
      return await callback(...args);
    } finally {
      Object.assign(globalThis, faked);
    }
  }

  /** Milliseconds since the epoch, as faked. */
  get now(): number {
    return this.#clock.now;
  }

  /** Moves time forward, running what falls due. */
  set now(value: number) {
    if (value < this.now) throw new RangeError("Time cannot go backwards");
    this.tick(value - this.now);
  }

  /** When fake time began. */
  get start(): number {
    return this.#start;
  }

  /** Resolves after fake time has passed `ms`; rejects when aborted. */
  delay(ms: number, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = () => {
        clearTimeout(id);
        reject(signal?.reason);
      };
      const id = setTimeout(() => {
        signal?.removeEventListener("abort", abort);
        resolve();
      }, ms);
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  /** Lets promise callbacks that are due run. */
  async runMicrotasks(): Promise<void> {
    await this.#clock.tickAsync(0);
  }

  /** Moves time forward by `ms`, running timers that fall due. */
  tick(ms = 0): void {
    this.#clock.tick(ms);
  }

  /** As `tick()`, and lets promise callbacks run before and between timers. */
  async tickAsync(ms = 0): Promise<void> {
    await this.#clock.tickAsync(ms);
  }

  /** Moves time to the next timer and runs it; whether there was one. */
  next(): boolean {
    if (this.#clock.countTimers() === 0) return false;
    this.#clock.next();
    return true;
  }

  /** As `next()`, and lets promise callbacks run. */
  async nextAsync(): Promise<boolean> {
    await this.runMicrotasks();
    if (this.#clock.countTimers() === 0) return false;
    await this.#clock.nextAsync();
    return true;
  }

  /** Runs timers until none is left. */
  runAll(): void {
    this.#clock.runAll();
  }

  /** As `runAll()`, and lets promise callbacks run. */
  async runAllAsync(): Promise<void> {
    await this.#clock.runAllAsync();
  }

  /** Brings real time back. */
  restore(): void {
    if (current !== this) throw new TimeError("Time is already restored");
    this.#advancing?.clear();
    this.#clock.uninstall();
    current = null;
  }

  [Symbol.dispose](): void {
    if (current === this) this.restore();
  }
}

function startMs(start: number | string | Date | null | undefined): number {
  if (start === null || start === undefined) return Date.now();
  return typeof start === "number" ? start : new Date(start).getTime();
}

function advanceByItself(
  { advanceRate = 0, advanceFrequency = DEFAULT_FREQUENCY_MS }: FakeTimeOptions,
  advance: (ms: number) => void,
): { clear(): void } | null {
  if (advanceRate <= 0) return null;
  const id = real.setInterval(() => advance(advanceRate * advanceFrequency), advanceFrequency);
  return { clear: () => real.clearInterval(id) };
}
