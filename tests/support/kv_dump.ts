import type { KvLike } from "@/lib/kv/kv_like.ts";

/** Everything that a database holds, as text by key, for comparing before and after. */
export type KvDump = ReadonlyMap<string, string>;

/** Keys that begin with one of the `without` words are left out. */
export async function dumpKv(
  kv: Pick<KvLike, "list">,
  { without = [] }: { readonly without?: readonly string[] } = {},
): Promise<KvDump> {
  const dump = new Map<string, string>();
  for await (const { key, value } of kv.list({ prefix: [] }, { batchSize: 500 })) {
    if (without.includes(String(key[0]))) continue;
    dump.set(Deno.inspect(key, FULL), Deno.inspect(value, FULL));
  }
  return dump;
}

const FULL: Deno.InspectOptions = {
  depth: 100,
  strAbbreviateSize: Infinity,
  iterableLimit: Infinity,
  breakLength: Infinity,
};

/** What differs, as one line per key. */
export function dumpDifference(before: KvDump, after: KvDump): string[] {
  const lines: string[] = [];
  for (const [key, value] of after) {
    const earlier = before.get(key);
    if (earlier === undefined) lines.push(`new: ${key} = ${value}`);
    else if (earlier !== value) lines.push(`changed: ${key} = ${value}, was ${earlier}`);
  }
  for (const key of before.keys()) if (!after.has(key)) lines.push(`gone: ${key}`);
  return lines;
}
