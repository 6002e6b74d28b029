import { createDefine } from "fresh";
import type { PasskeyActor } from "@/lib/auth/operator_passkeys.ts";
import type { Refusal, Result } from "@/lib/domain/result.ts";
import { seeOther } from "@/lib/http/redirect.ts";
import type { State } from "@/lib/http/state.ts";
import { type FlashCode, flashOfRefusal } from "@/lib/operator/flashes.ts";
import type { OperatorVisit } from "@/lib/operator/visit.ts";
import type { Services } from "@/lib/services.ts";

/** Behind the desk's middleware: an operator is signed in. */
export interface OperatorState extends State<Services> {
  title?: string;
  lang?: string;
  refreshSeconds?: number;
  visit: OperatorVisit;
  /** Ties what begins before the sign-in to the browser that began it. */
  browserSecret: string;
  /** Fields of a POST, read and checked by the middleware; empty for a GET. */
  form: URLSearchParams;
  /** Files that came with it, by the name of their field. */
  files: ReadonlyMap<string, File>;
  /** Said by a POST that only hands the form back, so that it may be sent again as it is. */
  isDraft?: boolean;
}

export const define = createDefine<OperatorState>();

export const FLASH_COOKIE = "op_flash";
const FLASH_SECONDS = 60;

/** After a POST: on to a page that can be reloaded, with a word about what was done. */
export function done(path: string, flash: FlashCode): Response {
  const cookie = `${FLASH_COOKIE}=${flash}; Path=/operator; Max-Age=${FLASH_SECONDS}; HttpOnly`;
  return seeOther(path, { "set-cookie": `${cookie}; SameSite=Lax` });
}

/** The code that `done` put into an answer. */
export function flashCodeOf(response: Response): string | null {
  const cookie = response.headers.get("set-cookie") ?? "";
  return new RegExp(`\\b${FLASH_COOKIE}=(\\w+)`).exec(cookie)?.[1] ?? null;
}

/** `done`, or what the refusal says. */
export function doneIf<E extends Refusal>(
  result: Result<unknown, E>,
  { path, flash }: { readonly path: string; readonly flash: FlashCode },
): Response {
  return done(path, result.ok ? flash : flashOfRefusal(result.error));
}

/** What was typed to confirm, compared on the server too. */
export function isConfirmed({ state }: { state: OperatorState }, phrase: string): boolean {
  return state.form.get("confirmation") === phrase;
}

export function field({ state }: { state: OperatorState }, name: string): string {
  return (state.form.get(name) ?? "").trim();
}

/** The operator at work on their own passkeys. */
export function passkeyActor({ state }: { state: OperatorState }): PasskeyActor {
  const { visit: { session, operatorId }, ip, requestId } = state;
  return { session, operatorId, ip, requestId };
}
