/** Something dear to count, counted once for all who look, and shown with the time it is of. */
export interface Recounted<Deps extends object, T> {
  /**
   * The last count; when it is older than `maxAgeMs` a new one begins behind it, which the next page
   * shows. Without a count, or with one that is ten times too old, all who ask wait for one.
   */
  read(deps: Deps): Promise<T>;
  /** A count that begins now, or that is under way. */
  again(deps: Deps): Promise<T>;
}

const MUCH_TOO_OLD = 10;

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
      if (last === undefined) return await again(deps);
      const ageMs = nowMs(deps) - last.atMs;
      if (ageMs >= maxAgeMs * MUCH_TOO_OLD) return await again(deps);
      // A count that fails leaves the last one with its time on it.
      if (ageMs >= maxAgeMs) again(deps).catch(() => {});
      return last.value;
    },
  };
}
