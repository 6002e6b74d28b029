import type { AloneAccount, AloneActs, AloneGuard } from "@/lib/ports/alone_acts.ts";
import { aloneActsKey } from "./keys.ts";
import type { KvAtomicLike, KvLike } from "./kv_like.ts";

/** A little longer than any of its hours counts. */
const LIFE_MS = 26 * 3_600_000;

export async function readAloneActs(kv: KvLike, account: AloneAccount): Promise<AloneActs> {
  const { value, versionstamp } = await kv.get<AloneActs["hours"]>(aloneActsKey(account));
  return { hours: value ?? [], versionstamp };
}

export function aloneChecks(guard: AloneGuard | undefined): readonly Deno.AtomicCheck[] {
  if (guard === undefined) return [];
  return [{ key: aloneActsKey(guard.account), versionstamp: guard.versionstamp }];
}

export function writeAloneActs(atomic: KvAtomicLike, guard: AloneGuard | undefined): KvAtomicLike {
  if (guard === undefined) return atomic;
  return atomic.set(aloneActsKey(guard.account), guard.hours, { expireIn: LIFE_MS });
}
