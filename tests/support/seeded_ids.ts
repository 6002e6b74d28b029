import type { Ids } from "@/lib/ports/ids.ts";

/** Ids and bytes that repeat from run to run; splitmix64 behind them. */
export function seededIds(seed = 1): Ids {
  let state = BigInt(seed);
  const next = (): bigint => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let mixed = state;
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    return mixed ^ (mixed >> 31n);
  };
  return {
    next: (prefix) => `${prefix}_${next().toString(32).padStart(13, "0")}`,
    bytes: (count) => {
      const bytes = new Uint8Array(count);
      for (let at = 0; at < count; at += 8) {
        const word = next();
        for (let byte = 0; byte < 8 && at + byte < count; byte++) {
          bytes[at + byte] = Number((word >> BigInt(8 * byte)) & 0xffn);
        }
      }
      return bytes;
    },
  };
}
