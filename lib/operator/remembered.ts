/**
 * Figures over all tenants are dear to make and need not be of this second: one caller waits for the
 * first, everybody after that gets the last ones at once, and too old ones are made anew behind them.
 */
export function remembered<Deps extends object, T>(
  load: (deps: Deps) => Promise<T>,
  { maxAgeMs, nowMs }: { readonly maxAgeMs: number; readonly nowMs: (deps: Deps) => number },
): (deps: Deps) => Promise<T> {
  const kept = new WeakMap<Deps, { value: T; atMs: number }>();
  const loading = new WeakMap<Deps, Promise<T>>();

  function refresh(deps: Deps): Promise<T> {
    const known = loading.get(deps);
    if (known !== undefined) return known;
    const run = load(deps).then((value) => {
      kept.set(deps, { value, atMs: nowMs(deps) });
      return value;
    }).finally(() => loading.delete(deps));
    loading.set(deps, run);
    return run;
  }

  return async (deps) => {
    const last = kept.get(deps);
    if (last === undefined) return await refresh(deps);
    if (nowMs(deps) - last.atMs > maxAgeMs) {
      // The next page has them; a failure leaves the old ones with their time on them.
      refresh(deps).catch(() => {});
    }
    return last.value;
  };
}
