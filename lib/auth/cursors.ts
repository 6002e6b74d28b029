import { createHmac } from "node:crypto";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { sameSecret } from "./secret.ts";

export interface CursorScope {
  /** Tenant id, or the operator's chain: a cursor opens for nobody else. */
  readonly owner: string;
  /** Which list, e.g. `GET /v1/usage`. */
  readonly list: string;
}

export interface Cursors {
  /** Text for the client, or null at the end of the list. */
  seal(position: string | null, scope: CursorScope): string | null;
  /** The position; `undefined` for the first page. Error: `invalid_cursor`. */
  open(cursor: string | null, scope: CursorScope): Result<string | undefined>;
}

const MAX_LETTERS = 4_096;
const MAC_LETTERS = 22;

/** Opaque page cursors, signed so that nobody writes one, and bound to an owner and a list. */
export function createCursors(secret: string): Cursors {
  const macOf = (position: string, { owner, list }: CursorScope) =>
    createHmac("sha256", secret).update(JSON.stringify(["cursor", owner, list, position]))
      .digest("base64url").slice(0, MAC_LETTERS);

  return {
    seal: (position, scope) =>
      position === null ? null : macOf(position, scope) + toBase64Url(position),

    open: (cursor, scope) => {
      if (cursor === null || cursor === "") return accept(undefined);
      const position = cursor.length > MAX_LETTERS
        ? null
        : fromBase64Url(cursor.slice(MAC_LETTERS));
      const signed = position !== null &&
        sameSecret(macOf(position, scope), cursor.slice(0, MAC_LETTERS));
      if (!signed) {
        const detail = "Use next_cursor of the previous page, with the same credential and list";
        return refuse({ code: "invalid_cursor", detail, pointer: "/cursor" });
      }
      return accept(position);
    },
  };
}

function toBase64Url(text: string): string {
  const letters = btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  return letters.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64Url(letters: string): string | null {
  if (!/^[\w-]*$/.test(letters)) return null;
  try {
    const binary = atob(letters.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
