import { createDefine } from "fresh";
import type { FlashCode } from "@/lib/portal/flashes.ts";
import type { PortalVisit } from "@/lib/portal/visit.ts";
import type { PageState } from "../../(_shared)/page_state.ts";

/** Behind the member middleware: somebody is signed in. */
export interface PortalState extends PageState {
  visit: PortalVisit;
}

export const define = createDefine<PortalState>();

export const FLASH_COOKIE = "flash";
const FLASH_SECONDS = 60;

/** After a POST: on to a page that can be reloaded, with a word about what was done. */
export function seeOther(path: string, flash: FlashCode | null = null): Response {
  const headers = new Headers({ location: path });
  if (flash !== null) {
    headers.append(
      "set-cookie",
      `${FLASH_COOKIE}=${flash}; Path=/portal; Max-Age=${FLASH_SECONDS}; HttpOnly; SameSite=Lax`,
    );
  }
  return new Response(null, { status: 303, headers });
}

export function csvResponse(text: string, fileName: string): Response {
  return new Response(text, {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${fileName.replace(/[^\w.-]/g, "_")}"`,
      "cache-control": "private, no-store",
    },
  });
}
