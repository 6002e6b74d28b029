import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { Logger } from "@/lib/ports/logger.ts";

/** A clock that stands still until it is moved. */
export class FixedClock implements Clock {
  constructor(public atMs: number = Date.UTC(2026, 4, 15, 12)) {}
  nowMs(): number {
    return this.atMs;
  }
  advance(ms: number): void {
    this.atMs += ms;
  }
}

/** Ids that count up: `dry_0001`, `dry_0002`, … */
export class CountingIds implements Ids {
  #count = 0;
  next(prefix: string): string {
    this.#count += 1;
    return `${prefix}_${String(this.#count).padStart(4, "0")}`;
  }
  bytes(count: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(count);
  }
}

/** Keeps what was logged, newest last. */
export class MemoryLogger implements Logger {
  readonly lines: { level: string; event: string; fields: Record<string, unknown> }[] = [];
  debug = (event: string, fields = {}) => this.#add("debug", event, fields);
  info = (event: string, fields = {}) => this.#add("info", event, fields);
  warn = (event: string, fields = {}) => this.#add("warn", event, fields);
  error = (event: string, fields = {}) => this.#add("error", event, fields);
  #add(level: string, event: string, fields: Record<string, unknown>): void {
    this.lines.push({ level, event, fields });
  }
}
