/**
 * The part of `Deno.Kv` that the stores use, as a structural type: the database itself and a
 * fault-injecting stand-in both fit it, so the same store code runs over either.
 */
export interface KvLike {
  get<T = unknown>(
    key: Deno.KvKey,
    options?: { consistency?: Deno.KvConsistencyLevel },
  ): Promise<Deno.KvEntryMaybe<T>>;
  /** At most 10 keys, read in one snapshot. */
  getMany<T extends readonly unknown[]>(
    keys: readonly [...{ [K in keyof T]: Deno.KvKey }],
    options?: { consistency?: Deno.KvConsistencyLevel },
  ): Promise<{ [K in keyof T]: Deno.KvEntryMaybe<T[K]> }>;
  set(
    key: Deno.KvKey,
    value: unknown,
    options?: { expireIn?: number },
  ): Promise<Deno.KvCommitResult>;
  delete(key: Deno.KvKey): Promise<void>;
  list<T = unknown>(selector: Deno.KvListSelector, options?: Deno.KvListOptions): KvListLike<T>;
  atomic(): KvAtomicLike;
  close(): void;
}

/** Entries of one batch belong to one snapshot; a longer list does not. */
export interface KvListLike<T> extends AsyncIterableIterator<Deno.KvEntry<T>> {
  readonly cursor: string;
}

export interface KvAtomicLike {
  check(...checks: Deno.AtomicCheck[]): this;
  set(key: Deno.KvKey, value: unknown, options?: { expireIn?: number }): this;
  delete(key: Deno.KvKey): this;
  sum(key: Deno.KvKey, units: bigint): this;
  max(key: Deno.KvKey, units: bigint): this;
  commit(): Promise<Deno.KvCommitResult | Deno.KvCommitError>;
}
