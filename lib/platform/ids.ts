import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";

const CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz";
const TIME_LETTERS = 10;
const RANDOM_LETTERS = 16;
/** Drawn at once and used up, since each draw is a system call. */
const POOL_BYTES = 4_096;

/**
 * Ids such as `req_01kb…`: 48 bits of time, so that they sort by age, and 80 random bits, so that
 * nobody guesses one. Lowercase Crockford base32, as ULID.
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
        timeText = encodeTime(nowMs);
      }
      let text = `${prefix}_${timeText}`;
      for (let letter = 0; letter < RANDOM_LETTERS; letter++) text += CROCKFORD[nextByte() & 31];
      return text;
    },
    bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  };
}

function encodeTime(atMs: number): string {
  let text = "";
  for (let rest = atMs, letter = 0; letter < TIME_LETTERS; letter++) {
    text = CROCKFORD.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
