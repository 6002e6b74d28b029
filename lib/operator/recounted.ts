/** Something dear to count, counted once for all who look, and never shown older than said. */
export interface Recounted<Deps extends object, T> {
  /** The last count while it is fresh; otherwise all who ask wait for one new count. */
  read(deps: Deps): Promise<T>;
  /** A count that begins now, or that is under way. */
  again(deps: Deps): Promise<T>;
}

/** By services, so that two apps in one process share nothing. */
export function recounted<Deps extends object, T>(
  count: (deps: Deps) => Promise<T>,
  { maxAgeMs, nowMs }: { readonly maxAgeMs: number; readonly nowMs: (deps: Deps) => number },
): Recounted<Deps, T> {
  const kept = new WeakMap<Deps, { readonly value: T; readonly atMs: number }>();
  const counting = new WeakMap<Deps, Promise<T>>();

  function again(deps: Deps): Promise<T> {
    const known = counting.get(deps);
    if (known !== undefined) return known;
    const atMs = nowMs(deps);
    const run = count(deps).then((value) => {
      kept.set(deps, { value, atMs });
      return value;
    }).finally(() => counting.delete(deps));
    counting.set(deps, run);
    return run;
  }

  return {
    again,
    async read(deps) {
      const last = kept.get(deps);
      const fresh = last !== undefined && nowMs(deps) - last.atMs < maxAgeMs;
      return fresh ? last.value : await again(deps);
    },
  };
}
