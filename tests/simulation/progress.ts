import type { Tally } from "./tally.ts";

const BAR_WIDTH = 30;
/** Between two lines where there is no terminal to draw on. */
const LINE_EVERY_MS = 30_000;

/** Draws a bar on a terminal, and elsewhere a line now and then, on standard error. */
export class Progress {
  #shownAtMs = -Infinity;
  readonly #startMs = performance.now();
  readonly #terminal = Deno.stderr.isTerminal();

  constructor(
    readonly options: { readonly schedules: number; readonly doneBefore: number },
  ) {}

  show(tally: Tally): void {
    const nowMs = performance.now();
    if (!this.#terminal && nowMs - this.#shownAtMs < LINE_EVERY_MS) return;
    this.#shownAtMs = nowMs;
    const { schedules, doneBefore } = this.options;
    const text = progressText(tally, { schedules, doneBefore, passedMs: nowMs - this.#startMs });
    const line = this.#terminal ? `\r${text}\x1b[K` : `${text}\n`;
    Deno.stderr.writeSync(new TextEncoder().encode(line));
  }
}

export function progressText(
  { schedules: done, failed }: Pick<Tally, "schedules" | "failed">,
  { schedules, doneBefore, passedMs }: {
    readonly schedules: number;
    readonly doneBefore: number;
    readonly passedMs: number;
  },
): string {
  const filled = Math.round(BAR_WIDTH * done / schedules);
  const bar = "#".repeat(filled) + "-".repeat(BAR_WIDTH - filled);
  const perMs = (done - doneBefore) / passedMs;
  const left = perMs > 0 ? durationText((schedules - done) / perMs) : "?";
  const count = (value: number) => value.toLocaleString("en");
  return `[${bar}] ${count(done)}/${count(schedules)}  ${Math.round(perMs * 1_000)}/s  ` +
    `${left} left  violations ${failed}`;
}

/** Two units at most: `1 h 50 min`, `3 min 20 s`. */
function durationText(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds % 3_600 / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
