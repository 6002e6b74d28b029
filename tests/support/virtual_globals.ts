// deno-lint-ignore-file no-explicit-any -- the globals have overloads that a stand-in cannot name
import { createHash } from "node:crypto";
import type { VirtualScheduler } from "./virtual_scheduler.ts";

/**
 * Puts time, timers, randomness and the digest under the scheduler while `body` runs, so that code
 * which waits with a timer is simulated too. A timer belongs to whoever set it and dies with them.
 */
export async function withVirtualGlobals<T>(
  scheduler: VirtualScheduler,
  body: () => Promise<T>,
): Promise<T> {
  const saved = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    setInterval: globalThis.setInterval,
    clearInterval: globalThis.clearInterval,
    dateNow: Date.now,
    mathRandom: Math.random,
    performanceNow: performance.now,
    digest: crypto.subtle.digest,
    getRandomValues: crypto.getRandomValues,
    randomUUID: crypto.randomUUID,
  };
  install(scheduler);
  try {
    return await body();
  } finally {
    globalThis.setTimeout = saved.setTimeout;
    globalThis.clearTimeout = saved.clearTimeout;
    globalThis.setInterval = saved.setInterval;
    globalThis.clearInterval = saved.clearInterval;
    Date.now = saved.dateNow;
    Math.random = saved.mathRandom;
    performance.now = saved.performanceNow;
    crypto.subtle.digest = saved.digest;
    crypto.getRandomValues = saved.getRandomValues;
    crypto.randomUUID = saved.randomUUID;
  }
}

function install(scheduler: VirtualScheduler): void {
  const timers = new Map<number, () => void>();
  let lastId = 0;
  const startTimer = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    const id = ++lastId;
    const owner = scheduler.current;
    const fire = () => {
      timers.delete(id);
      run(...args);
    };
    timers.set(id, scheduler.after(ms, { owner, label: "timer", run: fire }));
    return id;
  };
  const startInterval = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    const id = ++lastId;
    const owner = scheduler.current;
    const arm = () => {
      timers.set(
        id,
        scheduler.after(ms, {
          owner,
          label: "interval",
          run: () => {
            arm();
            run(...args);
          },
        }),
      );
    };
    arm();
    return id;
  };
  const stopTimer = (id?: number) => {
    if (id === undefined) return;
    timers.get(id)?.();
    timers.delete(id);
  };
  globalThis.setTimeout = startTimer as any;
  globalThis.clearTimeout = stopTimer as any;
  globalThis.setInterval = startInterval as any;
  globalThis.clearInterval = stopTimer as any;
  Date.now = () => scheduler.nowMs;
  performance.now = () => scheduler.nowMs;
  Math.random = () => scheduler.random.unit();
  crypto.getRandomValues = ((array: Uint8Array) => {
    array.set(scheduler.random.bytes(array.length));
    return array;
  }) as any;
  crypto.randomUUID = (() => {
    const hex = scheduler.random.bytes(16).toHex();
    return [8, 12, 16, 20].reduceRight((text, at) => `${text.slice(0, at)}-${text.slice(at)}`, hex);
  }) as any;
  // The real one answers from another thread, at a time that no seed controls.
  crypto.subtle.digest = ((algorithm: string | { name: string }, data: ArrayBuffer) => {
    const name = typeof algorithm === "string" ? algorithm : algorithm.name;
    const hash = createHash(name.replace("-", "").toLowerCase());
    const digest = hash.update(new Uint8Array(data)).digest();
    return Promise.resolve(new Uint8Array(digest).buffer);
  }) as any;
}
