import { createHash } from "node:crypto";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * An identifier that follows from what is sealed: a repeated seal finds the same one. 160 bits of
 * SHA-256 in Crockford's base 32, below Stripe's 100 characters.
 */
export function entryIdOf(parts: readonly (string | number | bigint)[]): string {
  const text = JSON.stringify(parts.map(String));
  const digest = createHash("sha256").update(text).digest();
  let bits = 0n;
  for (const byte of digest.subarray(0, 20)) bits = bits << 8n | BigInt(byte);
  let id = "";
  for (let shift = 155n; shift >= 0n; shift -= 5n) id += ALPHABET[Number(bits >> shift & 31n)];
  return `cm_${id}`;
}
