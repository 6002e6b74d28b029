/**
 * How late timers fire, which is how long whatever else ran kept the event loop from a request that
 * had just come in. Sampled every 5 ms.
 */
export class LoopDelay {
  readonly #lateMs: number[] = [];

  constructor() {
    const EVERY_MS = 5;
    let dueMs = performance.now() + EVERY_MS;
    const sample = () => {
      const nowMs = performance.now();
      this.#lateMs.push(Math.max(0, nowMs - dueMs));
      dueMs = nowMs + EVERY_MS;
      Deno.unrefTimer(setTimeout(sample, EVERY_MS));
    };
    Deno.unrefTimer(setTimeout(sample, EVERY_MS));
  }

  /** Since the last time it was asked. */
  take(): { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number } {
    const sorted = this.#lateMs.splice(0).sort((a, b) => a - b);
    const at = (part: number) => sorted[Math.floor((sorted.length - 1) * part)] ?? 0;
    return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
  }
}
