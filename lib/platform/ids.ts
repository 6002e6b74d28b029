import { ID_RANDOM_LETTERS, idLetterPair, idTimeText } from "@/lib/domain/id_text.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";

/** Drawn at once and used up, since each draw is a system call. */
const POOL_SIZE = 2_048;

/**
 * Ids such as `req_01kb…`: 48 bits of time, so that they sort by age, and 80 random bits, so that
 * nobody guesses one.
 */
export function createIds(clock: Clock): Ids {
  const pool = new Uint16Array(POOL_SIZE);
  let used = POOL_SIZE;
  let timeMs = -1;
  let timeText = "";

  function nextBits(): number {
    if (used === POOL_SIZE) {
      crypto.getRandomValues(pool);
      used = 0;
    }
    const bits = pool[used] ?? 0;
    pool[used++] = 0;
    return bits;
  }

  return {
    next: (prefix) => {
      const nowMs = clock.nowMs();
      if (nowMs !== timeMs) {
        timeMs = nowMs;
        timeText = idTimeText(nowMs);
      }
      let text = `${prefix}_${timeText}`;
      for (let at = 0; at < ID_RANDOM_LETTERS; at += 2) text += idLetterPair(nextBits());
      return text;
    },
    bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  };
}
