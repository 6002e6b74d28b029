import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import type { Ids } from "@/lib/ports/ids.ts";

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

export interface SealTerms {
  /** Whoever knows all of these can open the text. */
  readonly secrets: readonly string[];
  /** The text opens for this purpose only. */
  readonly purpose: string;
}

/** Text that is kept and may hold a secret, encrypted under a key that is not kept; base64. */
export function sealText(text: string, terms: SealTerms, ids: Pick<Ids, "bytes">): string {
  const nonce = ids.bytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, keyOf(terms), nonce);
  cipher.setAAD(new TextEncoder().encode(terms.purpose));
  const sealed = [cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()];
  return new Uint8Array([...nonce, ...sealed.flatMap((part) => [...part])]).toBase64();
}

/** `null` when it was sealed on other terms, or is damaged. */
export function openText(sealed: string, terms: SealTerms): string | null {
  try {
    const bytes = Uint8Array.fromBase64(sealed);
    const end = bytes.length - TAG_BYTES;
    const decipher = createDecipheriv(ALGORITHM, keyOf(terms), bytes.subarray(0, NONCE_BYTES));
    decipher.setAAD(new TextEncoder().encode(terms.purpose));
    decipher.setAuthTag(bytes.subarray(end));
    const opened = decipher.update(bytes.subarray(NONCE_BYTES, end));
    return new TextDecoder().decode(new Uint8Array([...opened, ...decipher.final()]));
  } catch {
    return null;
  }
}

function keyOf({ secrets, purpose }: SealTerms): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", JSON.stringify(secrets), "", purpose, KEY_BYTES));
}
