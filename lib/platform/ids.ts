import { ID_RANDOM_LETTERS, idLetter, idTimeText } from "@/lib/domain/id_text.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";

/** Drawn at once and used up, since each draw is a system call. */
const POOL_BYTES = 4_096;

/**
 * Ids such as `req_01kb…`: 48 bits of time, so that they sort by age, and 80 random bits, so that
 * nobody guesses one.
 */
export function createIds(clock: Clock): Ids {
  const pool = new Uint8Array(POOL_BYTES);
  let used = POOL_BYTES;
  let timeMs = -1;
  let timeText = "";

  function nextByte(): number {
    if (used === POOL_BYTES) {
      crypto.getRandomValues(pool);
      used = 0;
    }
    const byte = pool[used] ?? 0;
    pool[used++] = 0;
    return byte;
  }

  return {
    next: (prefix) => {
      const nowMs = clock.nowMs();
      if (nowMs !== timeMs) {
        timeMs = nowMs;
        timeText = idTimeText(nowMs);
      }
      let text = `${prefix}_${timeText}`;
      for (let letter = 0; letter < ID_RANDOM_LETTERS; letter++) text += idLetter(nextByte());
      return text;
    },
    bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  };
}
