import { createHash, hash, timingSafeEqual } from "node:crypto";
import type { Ids } from "@/lib/ports/ids.ts";

/** 256 random bits as base64url. */
export function newSecret(ids: Ids): string {
  const letters = btoa(String.fromCharCode(...ids.bytes(32)));
  return letters.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** What is stored in place of a random secret; lowercase hex SHA-256. */
export function hashSecret(secret: string): string {
  return hash("sha256", secret, "hex");
}

/** Equality that takes as long whatever differs, also the length. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
