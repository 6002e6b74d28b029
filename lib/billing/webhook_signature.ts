import type { Ids } from "@/lib/ports/ids.ts";

const SECRET_BYTES = 32;
/** Prefix of a Standard Webhooks secret; the rest is plain base64, as receivers decode it. */
const SECRET_PREFIX = "whsec_";

/** Headers of the Standard Webhooks specification (https://www.standardwebhooks.com). */
export interface SignedHeaders {
  readonly "webhook-id": string;
  readonly "webhook-timestamp": string;
  readonly "webhook-signature": string;
}

/**
 * Signs a body with a `whsec_…` secret: HMAC-SHA256 over `id.timestamp.body`, base64. A receiver
 * checks it before it believes anything, and refuses an old timestamp.
 */
export async function signWebhook(
  message: { readonly id: string; readonly atMs: number; readonly body: string },
  secret: string,
): Promise<SignedHeaders> {
  const timestamp = String(Math.floor(message.atMs / 1000));
  const bytes = Uint8Array.from(
    atob(secret.replace(/^whsec_/, "")),
    (character) => character.charCodeAt(0),
  );
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign"]);
  const text = new TextEncoder().encode(`${message.id}.${timestamp}.${message.body}`);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, text));
  return {
    "webhook-id": message.id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${btoa(String.fromCharCode(...signature))}`,
  };
}

export function newWebhookSecret(ids: Pick<Ids, "bytes">): string {
  return SECRET_PREFIX + btoa(String.fromCharCode(...ids.bytes(SECRET_BYTES)));
}
