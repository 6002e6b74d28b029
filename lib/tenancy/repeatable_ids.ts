import { createHmac } from "node:crypto";
import { ID_RANDOM_LETTERS, idLetter, idTimeText } from "@/lib/domain/id_text.ts";
import type { Ids } from "@/lib/ports/ids.ts";

/**
 * Ids and random bytes that follow from a secret seed: an act that is carried out again after a
 * crash names and draws the same, so it finds what its first run left in place of making a second.
 */
export function createRepeatableIds(
  { seed, atMs }: { readonly seed: Uint8Array; readonly atMs: number },
): Ids {
  const drawn = new Map<string, number>();

  function block(purpose: string): Uint8Array {
    const count = drawn.get(purpose) ?? 0;
    drawn.set(purpose, count + 1);
    return createHmac("sha256", seed).update(JSON.stringify([purpose, count])).digest();
  }

  return {
    next: (prefix) => {
      const random = block(`id ${prefix}`).subarray(0, ID_RANDOM_LETTERS);
      return `${prefix}_${idTimeText(atMs)}${[...random].map(idLetter).join("")}`;
    },
    bytes: (count) => {
      const bytes = new Uint8Array(count);
      for (let at = 0; at < count;) {
        const part = block("bytes").subarray(0, count - at);
        bytes.set(part, at);
        at += part.length;
      }
      return bytes;
    },
  };
}
