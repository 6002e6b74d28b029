import type { SimulatorDocument, SimulatorStore } from "@/lib/ports/simulator_store.ts";

/** State for tests: gone with the process, and plain JSON, as a durable store would give back. */
export function createMemorySimulatorStore(): SimulatorStore {
  const documents = new Map<string, SimulatorDocument>();
  return {
    async *load() {
      const ordered = [...documents].sort(([a], [b]) => a < b ? -1 : 1);
      for (const [, document] of ordered) yield await Promise.resolve(document);
    },
    commit(changes) {
      for (const change of changes) {
        const key = JSON.stringify([change.collection, change.id]);
        if (change.kind === "delete") documents.delete(key);
        else {documents.set(key, {
            collection: change.collection,
            id: change.id,
            value: change.value,
          });}
      }
      return Promise.resolve();
    },
  };
}
