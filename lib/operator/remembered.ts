export interface Figures<T> {
  readonly value: T;
  /** When they were made. */
  readonly atMs: number;
}

/** Where the last figures are kept, for the next start and for other instances. */
export interface KeptFigures<Deps, T> {
  read(deps: Deps): Promise<Figures<T> | null>;
  keep(deps: Deps, figures: Figures<T>): Promise<void>;
}

/** Figures that take long are made less often: at most a fiftieth of the time goes into them. */
const COST_SHARE = 50;

/**
 * Figures over all tenants are dear to make and need not be of this second: one caller waits for the
 * first, everybody after that gets the last ones at once, and too old ones are made anew behind them.
 * Kept ones are shown at once too, with their own time on them, and save the work while they are young.
 */
export function remembered<Deps extends object, T>(
  load: (deps: Deps) => Promise<T>,
  { maxAgeMs, nowMs, kept }: {
    readonly maxAgeMs: number;
    readonly nowMs: (deps: Deps) => number;
    readonly kept?: KeptFigures<Deps, T>;
  },
): (deps: Deps) => Promise<T> {
  const last = new WeakMap<Deps, Figures<T>>();
  const loading = new WeakMap<Deps, Promise<T>>();
  let tookMs = 0;

  const isYoung = (deps: Deps, { atMs }: Figures<T>) =>
    nowMs(deps) - atMs <= Math.max(maxAgeMs, tookMs * COST_SHARE);

  async function make(deps: Deps): Promise<T> {
    const others = await kept?.read(deps) ?? null;
    if (others !== null && isYoung(deps, others)) {
      last.set(deps, others);
      return others.value;
    }
    const beganMs = nowMs(deps);
    const value = await load(deps);
    const atMs = nowMs(deps);
    tookMs = atMs - beganMs;
    last.set(deps, { value, atMs });
    await kept?.keep(deps, { value, atMs });
    return value;
  }

  function refresh(deps: Deps): Promise<T> {
    const known = loading.get(deps);
    if (known !== undefined) return known;
    const run = make(deps).finally(() => loading.delete(deps));
    loading.set(deps, run);
    return run;
  }

  return async (deps) => {
    const known = last.get(deps) ?? await kept?.read(deps) ?? null;
    if (known === null) return await refresh(deps);
    if (!last.has(deps)) last.set(deps, known);
    if (!isYoung(deps, known)) {
      // The next page has them; a failure leaves the old ones with their time on them.
      refresh(deps).catch(() => {});
    }
    return known.value;
  };
}
