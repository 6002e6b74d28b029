import { createHmac } from "node:crypto";
import type { Ids } from "@/lib/ports/ids.ts";
import { createRepeatableIds } from "./repeatable_ids.ts";

/** A form is good for as long; what it made is shown again for no longer than that. */
const FORM_LIFE_MS = 30 * 60_000;

/** Names one showing of a form; goes with it as a hidden field. */
export function newFormMark({ ids, nowMs }: { readonly ids: Ids; readonly nowMs: number }): string {
  return `${nowMs}.${ids.next("frm")}`;
}

/**
 * Ids that follow from a form's mark, what was typed into it, and the secret of the browser's
 * session: a form that is sent twice draws the same twice, so it makes one thing and shows the same
 * secret again. The session's secret is in its cookie alone. `null` for a mark that is none of ours
 * or too old.
 */
export function formIds(
  mark: string,
  { secret, typed, nowMs }: {
    readonly secret: string;
    readonly typed: readonly string[];
    readonly nowMs: number;
  },
): Ids | null {
  const madeAtMs = Number(/^(\d{13,16})\.frm_\w{10,60}$/.exec(mark)?.[1] ?? NaN);
  if (!(madeAtMs <= nowMs && nowMs - madeAtMs < FORM_LIFE_MS)) return null;
  const seed = createHmac("sha256", secret).update(JSON.stringify([mark, typed])).digest();
  return createRepeatableIds({ seed, atMs: madeAtMs });
}
