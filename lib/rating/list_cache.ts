import { type ScreeningIndex, screeningIndex } from "../domain/rating/screening.ts";
import type { Clock } from "../ports/clock.ts";
import type { ListHead, ListScope, ListStore, Stamped } from "../ports/rating.ts";

/** How long the heads of lists are taken for current. */
export const LIST_HEADS_MAX_AGE_MS = 1_000;

/** Tenants whose lists stay in memory. */
const LIST_TENANTS_MAX = 1_000;

interface ScopeLists {
  readonly readAtMs: number;
  readonly indexes: readonly ScreeningIndex[];
}

/** Screening indexes of the operator's lists and a tenant's own, built once per list version. */
export class ListCache {
  readonly #store: ListStore;
  readonly #clock: Clock;
  readonly #tenants = new Map<string, Promise<ScopeLists>>();
  #operator: Promise<ScopeLists> | null = null;

  constructor(store: ListStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Operator lists first, each group in order of list id. */
  async indexes(tenantId: string): Promise<readonly ScreeningIndex[]> {
    const [shared, own] = await Promise.all([this.#shared(), this.#own(tenantId)]);
    if (own.indexes.length === 0) return shared.indexes;
    return [...shared.indexes, ...own.indexes];
  }

  /** Asks for versions anew at the next call, after a write by this instance. */
  forget(scope: ListScope): void {
    if (scope.kind === "operator") {
      this.#operator = this.#operator?.then(outdated, () => NOT_READ) ?? null;
      return;
    }
    const known = this.#tenants.get(scope.tenantId);
    if (known === undefined) return;
    this.#tenants.set(scope.tenantId, known.then(outdated, () => NOT_READ));
  }

  #shared(): Promise<ScopeLists> {
    return this.#operator = this.#refreshed({ kind: "operator" }, this.#operator);
  }

  #own(tenantId: string): Promise<ScopeLists> {
    const known = this.#tenants.get(tenantId) ?? null;
    const lists = this.#refreshed({ kind: "tenant", tenantId }, known);
    this.#tenants.delete(tenantId);
    this.#tenants.set(tenantId, lists);
    const oldest = this.#tenants.keys().next().value;
    if (this.#tenants.size > LIST_TENANTS_MAX && oldest !== undefined) this.#tenants.delete(oldest);
    return lists;
  }

  async #refreshed(scope: ListScope, known: Promise<ScopeLists> | null): Promise<ScopeLists> {
    // A read that failed is forgotten: the next call asks again.
    const previous = known === null ? null : await known.catch(() => null);
    const nowMs = this.#clock.nowMs();
    if (previous !== null && nowMs - previous.readAtMs <= LIST_HEADS_MAX_AGE_MS) return previous;
    const heads = await this.#store.lists(scope);
    const indexes = await Promise.all(heads.map((head) => this.#index(scope, head, previous)));
    return { readAtMs: nowMs, indexes: indexes.filter((index) => index !== null) };
  }

  async #index(
    scope: ListScope,
    head: Stamped<ListHead>,
    previous: ScopeLists | null,
  ): Promise<ScreeningIndex | null> {
    const { listId, kind, asOf, loadedAtMs } = head.value;
    const { version } = head;
    const known = previous?.indexes.find(({ list }) => list.listId === listId) ?? null;
    if (known !== null && known.list.version === version) return known;
    const entries = await this.#store.entries(scope, { listId, version });
    // Replaced between the two reads: the next refresh sees the new version.
    if (entries === null) return known;
    return screeningIndex({ listId, kind, version, asOf, loadedAtMs }, entries);
  }
}

const NOT_READ: ScopeLists = { readAtMs: -Infinity, indexes: [] };

/** Indexes whose version has not moved are kept: making them is the costly part. */
function outdated(lists: ScopeLists): ScopeLists {
  return { ...lists, readAtMs: -Infinity };
}
