interface Wait {
  readonly untilMs: number;
  readonly giveUp: () => void;
}

/**
 * Waits that may each last `limitMs`, all on one timer, which stands at the oldest of them. A wait
 * that is over in time costs a place in a set; a timer of its own costs more than most work that is
 * waited for.
 */
export class TimeLimit {
  /** Oldest first, since all may last equally long. */
  readonly #waits = new Set<Wait>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly limitMs: number) {}

  /** What `work` comes to, or `late()` once the limit has passed. */
  hold<T>(work: Promise<T>, late: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const untilMs = performance.now() + this.limitMs;
      const wait = { untilMs, giveUp: () => resolve(late()) };
      this.#add(wait);
      work.then((value) => {
        this.#remove(wait);
        resolve(value);
      }, (error) => {
        this.#remove(wait);
        reject(error);
      });
    });
  }

  #add(wait: Wait): void {
    this.#waits.add(wait);
    if (this.#timer === null) this.#arm(this.limitMs);
    else if (this.#waits.size === 1) Deno.refTimer(this.#timer);
  }

  /** A timer that nobody waits for any more must not keep the process alive. */
  #remove(wait: Wait): void {
    this.#waits.delete(wait);
    if (this.#waits.size === 0 && this.#timer !== null) Deno.unrefTimer(this.#timer);
  }

  #arm(delayMs: number): void {
    this.#timer = setTimeout(() => this.#endLate(), delayMs);
  }

  #endLate(): void {
    this.#timer = null;
    const nowMs = performance.now();
    for (const wait of this.#waits) {
      if (wait.untilMs > nowMs) return this.#arm(wait.untilMs - nowMs);
      this.#waits.delete(wait);
      wait.giveUp();
    }
  }
}
