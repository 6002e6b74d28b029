import { createDefine } from "fresh";
import { seeOther } from "@/lib/http/redirect.ts";
import type { Say } from "@/lib/i18n/portal/messages.ts";
import type { FlashCode } from "@/lib/portal/flashes.ts";
import type { PortalVisit } from "@/lib/portal/visit.ts";
import type { PageState } from "../../(_shared)/page_state.ts";

/** Behind the member middleware: somebody is signed in. */
export interface PortalState extends PageState {
  /** In the tenant's language; before anybody is known, in the one that the browser asks for. */
  say: Say;
  visit: PortalVisit;
  /** Ties sign-in links to the browser that asked for them. */
  browserSecret: string;
  /** Fields of a POST, read and checked by the middleware; empty for a GET. */
  form: URLSearchParams;
}

export const define = createDefine<PortalState>();

export const FLASH_COOKIE = "flash";
const FLASH_SECONDS = 60;

/** After a POST: on to a page that can be reloaded, with a word about what was done. */
export function done(path: string, flash: FlashCode | null): Response {
  if (flash === null) return seeOther(path);
  const cookie = `${FLASH_COOKIE}=${flash}; Path=/portal; Max-Age=${FLASH_SECONDS}; HttpOnly`;
  return seeOther(path, { "set-cookie": `${cookie}; SameSite=Lax` });
}

/** The code that `done` put into an answer. */
export function flashCodeOf(response: Response): string | null {
  const cookie = response.headers.get("set-cookie") ?? "";
  return new RegExp(`\\b${FLASH_COOKIE}=(\\w+)`).exec(cookie)?.[1] ?? null;
}
