import type { SimulatorChange, SimulatorStore } from "@/lib/ports/simulator_store.ts";
import type { Collection, Collections } from "./documents.ts";

export type Tables = { readonly [C in Collection]: Map<string, Collections[C]> };

/**
 * One request's view of the state: reads see its own writes, and nothing outside it does before
 * `changes` are committed.
 */
export interface Transaction {
  /** Whose now: seconds resolution is the caller's business. */
  readonly nowMs: number;
  get<C extends Collection>(collection: C, id: string): Collections[C] | undefined;
  /** In order of creation. */
  all<C extends Collection>(collection: C): Iterable<Collections[C]>;
  entries<C extends Collection>(collection: C): Iterable<readonly [string, Collections[C]]>;
  put<C extends Collection>(collection: C, id: string, doc: Collections[C]): void;
  remove(collection: Collection, id: string): void;
  /** A new id: unique in this store for ever, rising, and the same in every run of a test. */
  nextId(prefix: string): string;
}

export interface State {
  begin(nowMs: number): OpenTransaction;
}

export interface OpenTransaction extends Transaction {
  readonly touched: ReadonlySet<Collection>;
  /** What this transaction has put, and not removed again. */
  written<C extends Collection>(collection: C): Iterable<Collections[C]>;
  /** Forgets every staged change. */
  reset(): void;
  /** Durable first, then visible. */
  commit(): Promise<void>;
}

/** Reads the whole store. `seed` goes into ids, so that two simulators never share one. */
export async function openState(store: SimulatorStore, seed: string): Promise<State> {
  const tables = emptyTables();
  for await (const { collection, id, value } of store.load()) {
    // The store gives back what `commit` below wrote; nobody else writes these collections.
    const table = Object.entries(tables).find(([name]) => name === collection)?.[1];
    (table as Map<string, unknown> | undefined)?.set(id, value);
  }
  sortByAge(tables);
  return { begin: (nowMs) => beginTransaction({ tables, store, seed, nowMs }) };
}

function beginTransaction(
  { tables, store, seed, nowMs }: {
    tables: Tables;
    store: SimulatorStore;
    seed: string;
    nowMs: number;
  },
): OpenTransaction {
  let staged: { readonly [C in Collection]?: Map<string, Collections[C] | null> } = {};
  const touched = new Set<Collection>();

  function stage<C extends Collection>(collection: C): Map<string, Collections[C] | null> {
    const known: Map<string, Collections[C] | null> | undefined = staged[collection];
    if (known !== undefined) return known;
    const made = new Map<string, Collections[C] | null>();
    Object.assign(staged, { [collection]: made });
    touched.add(collection);
    return made;
  }

  function get<C extends Collection>(collection: C, id: string): Collections[C] | undefined {
    const own: Collections[C] | null | undefined = staged[collection]?.get(id);
    if (own === null) return undefined;
    return own ?? tables[collection].get(id);
  }

  function* entries<C extends Collection>(
    collection: C,
  ): Generator<readonly [string, Collections[C]]> {
    const own: Map<string, Collections[C] | null> | undefined = staged[collection];
    for (const [id, doc] of tables[collection]) {
      const replaced = own?.get(id);
      if (replaced === null) continue;
      yield [id, replaced ?? doc];
    }
    for (const [id, doc] of own ?? []) {
      if (doc !== null && !tables[collection].has(id)) yield [id, doc];
    }
  }

  return {
    nowMs,
    touched,
    get,
    entries,
    *all(collection) {
      for (const [, doc] of entries(collection)) yield doc;
    },
    put(collection, id, doc) {
      stage(collection).set(id, doc);
    },
    remove(collection, id) {
      stage(collection).set(id, null);
    },
    nextId(prefix) {
      const next = get("counters", "id")?.next ?? 1;
      stage("counters").set("id", { next: next + 1 });
      return `${prefix}_${seed}${next.toString(36).toUpperCase().padStart(10, "0")}`;
    },
    *written(collection) {
      for (const doc of writtenIn(staged, collection)) yield doc;
    },
    reset() {
      staged = {};
      touched.clear();
    },
    async commit() {
      const changes = [...touched].flatMap((collection) => changesOf(collection, staged));
      if (changes.length === 0) return;
      await store.commit(changes);
      for (const collection of touched) apply(tables, staged, collection);
    },
  };
}

function writtenIn<C extends Collection>(
  staged: { readonly [K in Collection]?: Map<string, Collections[K] | null> },
  collection: C,
): Collections[C][] {
  const own: Map<string, Collections[C] | null> | undefined = staged[collection];
  return [...own?.values() ?? []].filter((doc) => doc !== null);
}

function changesOf<C extends Collection>(
  collection: C,
  staged: { readonly [K in Collection]?: Map<string, Collections[K] | null> },
): SimulatorChange[] {
  const own: Map<string, Collections[C] | null> | undefined = staged[collection];
  return [...own ?? []].map(([id, value]) =>
    value === null ? { kind: "delete", collection, id } : { kind: "put", collection, id, value }
  );
}

function apply<C extends Collection>(
  tables: Tables,
  staged: { readonly [K in Collection]?: Map<string, Collections[K] | null> },
  collection: C,
): void {
  const table: Map<string, Collections[C]> = tables[collection];
  const own: Map<string, Collections[C] | null> | undefined = staged[collection];
  for (const [id, doc] of own ?? []) {
    if (doc === null) table.delete(id);
    else table.set(id, doc);
  }
}

function emptyTables(): Tables {
  return {
    counters: new Map(),
    customers: new Map(),
    products: new Map(),
    prices: new Map(),
    meters: new Map(),
    identifiers: new Map(),
    usage_hours: new Map(),
    usage_months: new Map(),
    pending_usage: new Map(),
    error_windows: new Map(),
    subscriptions: new Map(),
    invoices: new Map(),
    invoice_items: new Map(),
    credit_grants: new Map(),
    checkout_sessions: new Map(),
    portal_sessions: new Map(),
    stream_sessions: new Map(),
    test_clocks: new Map(),
    usage_records: new Map(),
    events: new Map(),
    deliveries: new Map(),
    saved_replies: new Map(),
  };
}

/** Maps keep insertion order, and code relies on it being the order of creation. */
function sortByAge(tables: Tables): void {
  sortBy(tables.identifiers, (doc) => doc.receivedMs);
  sortBy(tables.saved_replies, (doc) => doc.savedMs);
  // Every other id rises with its creation, and stores list by id.
}

function sortBy<T>(table: Map<string, T>, age: (doc: T) => number): void {
  const ordered = [...table].sort(([, a], [, b]) => age(a) - age(b));
  table.clear();
  for (const [id, doc] of ordered) table.set(id, doc);
}
