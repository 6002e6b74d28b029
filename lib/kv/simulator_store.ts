import { invariant } from "@/lib/domain/invariant.ts";
import type { SimulatorChange, SimulatorStore } from "@/lib/ports/simulator_store.ts";
import type { KvLike } from "./kv_like.ts";
import { simulatorDocumentKey, simulatorPrefix } from "./keys.ts";

/** Below KV's limit of 64 KiB a value: stored text takes at most 2 bytes a character. */
const MAX_PART_CHARACTERS = 30_000;
/** Below KV's limits of 1,000 mutations and 800 KiB a commit. */
const MAX_MUTATIONS = 900;
const MAX_COMMIT_CHARACTERS = 390_000;
/** No document comes near it; more parts would be a defect. */
const MAX_PARTS = 20;

/** One part of a document's JSON; `parts` is the same in each, so that a rest can't be mistaken. */
interface StoredPart {
  readonly text: string;
  readonly parts: number;
}

/** The Stripe simulator's state in KV: each document is JSON text in as many parts as it needs. */
export function createKvSimulatorStore(kv: KvLike): SimulatorStore {
  return {
    async *load() {
      let gathered: { id: string; collection: string; texts: string[]; parts: number } | null =
        null;
      for await (const entry of kv.list<StoredPart>({ prefix: simulatorPrefix() })) {
        const [, collection, id, part] = entry.key;
        if (typeof collection !== "string" || typeof id !== "string") continue;
        const { text, parts } = entry.value;
        if (part === 0) gathered = { collection, id, texts: [], parts };
        if (gathered === null || gathered.id !== id || gathered.collection !== collection) continue;
        gathered.texts.push(text);
        if (gathered.texts.length !== gathered.parts) continue;
        yield { collection, id, value: JSON.parse(gathered.texts.join("")) };
        gathered = null;
      }
    },

    async commit(changes) {
      const mutations = changes.flatMap(mutationsOf);
      const size = mutations.reduce((sum, { value }) => sum + (value?.text.length ?? 0), 0);
      // Checked before anything is sent: a commit that KV refuses half-way may not be atomic.
      invariant(mutations.length <= MAX_MUTATIONS, "A simulator commit has too many mutations");
      invariant(size <= MAX_COMMIT_CHARACTERS, "A simulator commit is too large");
      const atomic = kv.atomic();
      for (const { key, value } of mutations) {
        if (value === null) atomic.delete(key);
        else atomic.set(key, value);
      }
      const committed = await atomic.commit();
      invariant(committed.ok, "A commit without checks was refused");
    },
  };
}

interface Mutation {
  readonly key: Deno.KvKey;
  readonly value: StoredPart | null;
}

function mutationsOf(change: SimulatorChange): Mutation[] {
  const { collection, id } = change;
  const keyOf = (part: number) => simulatorDocumentKey(collection, id, part);
  const texts = change.kind === "put" ? splitText(JSON.stringify(change.value)) : [];
  invariant(texts.length <= MAX_PARTS, `The simulator document ${collection} ${id} is too large`);
  const parts = texts.length;
  const sets = texts.map((text, part) => ({ key: keyOf(part), value: { text, parts } }));
  // A smaller document than before, or none, leaves no rest: part 0 decides what is read.
  return parts === 0 ? [{ key: keyOf(0), value: null }] : sets;
}

function splitText(text: string): string[] {
  const parts = Math.max(1, Math.ceil(text.length / MAX_PART_CHARACTERS));
  return Array.from(
    { length: parts },
    (_, at) => text.slice(at * MAX_PART_CHARACTERS, (at + 1) * MAX_PART_CHARACTERS),
  );
}
