import type { Versioned } from "@/lib/ports/tenancy.ts";

/** A read entry as stores return it. */
export function versioned<T>(entry: Deno.KvEntryMaybe<T>): Versioned<T> | null {
  return entry.versionstamp === null
    ? null
    : { value: entry.value, versionstamp: entry.versionstamp };
}
