import { hash } from "node:crypto";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Ids } from "@/lib/ports/ids.ts";

export type KeyMode = "live" | "test";

/** 30 base62 letters carry 178 bits. */
const SECRET_LETTERS = 30;
const CHECKSUM_LETTERS = 6;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

export const API_KEY_LENGTH = "cm_live_".length + SECRET_LETTERS + CHECKSUM_LETTERS;

/** What a secret scanner should look for. */
export const API_KEY_PATTERN = /\bcm_(live|test)_[0-9A-Za-z]{36}\b/;
const WHOLE_KEY = /^cm_(live|test)_([0-9A-Za-z]{30})([0-9A-Za-z]{6})$/;

/** A new key text: `cm_live_` or `cm_test_`, the secret, and a checksum over both. */
export function generateApiKey(mode: KeyMode, ids: Ids): string {
  const body = `cm_${mode}_${randomLetters(ids, SECRET_LETTERS)}`;
  return body + checksum(body);
}

/**
 * Judges shape and checksum only, so that a mistyped or invented key costs no look-up.
 * Error: `invalid_credential`.
 */
export function parseApiKey(text: string): Result<{ readonly mode: KeyMode }> {
  const match = WHOLE_KEY.exec(text);
  if (match === null || checksum(text.slice(0, -CHECKSUM_LETTERS)) !== match[3]) {
    return refuse({
      code: "invalid_credential",
      detail: "The API key is mistyped or cut off: its checksum does not match",
    });
  }
  return accept({ mode: match[1] === "live" ? "live" : "test" });
}

/** What is stored in place of the key; 178 random bits need no salt and no slow hash. */
export function hashApiKey(text: string): string {
  return hash("sha256", text, "hex");
}

/** Names a key to people: prefix and last four letters, e.g. `cm_live_3fK…x9Qa`. */
export function apiKeyHint(text: string): string {
  return `${text.slice(0, 11)}…${text.slice(-4)}`;
}

function randomLetters(ids: Ids, count: number): string {
  let letters = "";
  while (letters.length < count) {
    for (const byte of ids.bytes(count)) {
      // 248 is the largest multiple of 62 in a byte: no letter is likelier than another.
      if (byte < 248 && letters.length < count) letters += ALPHABET.charAt(byte % 62);
    }
  }
  return letters;
}

function checksum(text: string): string {
  let letters = "";
  for (let rest = crc32(text); letters.length < CHECKSUM_LETTERS; rest = Math.floor(rest / 62)) {
    letters = ALPHABET.charAt(rest % 62) + letters;
  }
  return letters;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 (IEEE 802.3) over ASCII text. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let at = 0; at < text.length; at++) {
    crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ text.charCodeAt(at)) & 0xff] ?? 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
