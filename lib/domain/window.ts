import { invariant } from "./invariant.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Start of the half-open UTC span of `sizeMs` that holds `atMs`. */
export function spanStart(atMs: number, sizeMs: number): number {
  invariant(Number.isSafeInteger(atMs) && atMs >= 0, `Not a time: ${atMs}`);
  return atMs - atMs % sizeMs;
}

export const minuteOf = (atMs: number): number => spanStart(atMs, MINUTE_MS);
export const hourOf = (atMs: number): number => spanStart(atMs, HOUR_MS);
export const dayOf = (atMs: number): number => spanStart(atMs, DAY_MS);
