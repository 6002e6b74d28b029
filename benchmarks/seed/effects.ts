import type { Ids } from "@/lib/ports/ids.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Result } from "@/lib/domain/result.ts";
import type { Random } from "@/tests/support/random.ts";

const CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz";

/** Ids as the product makes them, which sort by their time, out of a seeded source. */
export function seededIds(clock: Clock, random: Random): Ids {
  return {
    next: (prefix) => {
      let time = "";
      for (let rest = clock.nowMs(), letter = 0; letter < 10; letter++) {
        time = CROCKFORD.charAt(rest % 32) + time;
        rest = Math.floor(rest / 32);
      }
      let tail = "";
      for (let letter = 0; letter < 16; letter++) tail += CROCKFORD.charAt(random.below(32));
      return `${prefix}_${time}${tail}`;
    },
    bytes: (count) => random.bytes(count),
  };
}

/** What is made up is ours: a refusal is a mistake in the seeder. */
export function must<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`Cannot seed: ${result.error.code}: ${result.error.detail}`);
}
