import { createHash } from "node:crypto";

/** SHA-256 as lower-case hexadecimal, at once: Web Crypto's digest makes every caller wait. */
export function sha256Hex(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
