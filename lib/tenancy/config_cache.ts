import type { Clock } from "@/lib/ports/clock.ts";
import type { CallerConfig } from "@/lib/ports/tenancy.ts";
import type { ConfigEpoch } from "@/lib/ports/usage.ts";

/** What is cached says which epoch it was read under. */
export interface Epochal {
  readonly epoch: ConfigEpoch;
}

export interface ConfigCacheOptions<Caller extends Epochal = CallerConfig> {
  readonly clock: Clock;
  readonly epoch: () => Promise<ConfigEpoch>;
  /** Reads credential, tenant and plan in one snapshot. */
  readonly load: (credential: string) => Promise<Caller | null>;
  readonly maxCallers?: number;
  /** Older than this, the epoch is looked at before a caller is believed. */
  readonly maxAgeMs?: number;
}

/**
 * Callers in memory, all under one config epoch: the newest that was seen. A metered commit checks
 * the epoch, so a stale caller can never be billed; it calls `invalidate` and decides again. Calls
 * that commit nothing are at most `maxAgeMs` behind, or not at all with `fresh`.
 */
export interface ConfigCache<Caller extends Epochal = CallerConfig> {
  /** The caller if it can be answered without waiting. `undefined`: ask `caller`. */
  peek(credential: string): Caller | null | undefined;
  /** `null`: there is no such credential. `fresh` looks at the epoch first. */
  caller(credential: string, options?: { fresh?: boolean }): Promise<Caller | null>;
  /** Forgets everything read under `epoch`; the default is what is held now. */
  invalidate(epoch?: ConfigEpoch): void;
  readonly size: number;
}

const MAX_CALLERS = 20_000;
/** Unknown credentials remembered, so that repeating one costs no read. */
const MAX_UNKNOWN = 5_000;
const UNKNOWN_LIFE_MS = 1_000;
const MAX_AGE_MS = 2_000;
/** A load that raced with a configuration change is repeated. */
const MAX_LOADS = 5;

export function createConfigCache<Caller extends Epochal = CallerConfig>(
  options: ConfigCacheOptions<Caller>,
): ConfigCache<Caller> {
  const { clock, load, maxCallers = MAX_CALLERS, maxAgeMs = MAX_AGE_MS } = options;
  const callers = new Map<string, Caller>();
  const unknownUntilMs = new Map<string, number>();
  const loading = new Map<string, Promise<Caller | null>>();
  let epoch: ConfigEpoch = null;
  let believedUntilMs = 0;
  let checking: Promise<void> | null = null;

  function peek(credential: string): Caller | null | undefined {
    const nowMs = clock.nowMs();
    const caller = callers.get(credential);
    if (caller !== undefined) return nowMs < believedUntilMs ? caller : undefined;
    return nowMs < (unknownUntilMs.get(credential) ?? 0) ? null : undefined;
  }

  async function caller(
    credential: string,
    { fresh = false }: { fresh?: boolean } = {},
  ): Promise<Caller | null> {
    const known = fresh ? undefined : peek(credential);
    if (known !== undefined) return known;
    if (fresh || callers.has(credential)) await checkEpoch();
    return callers.get(credential) ?? await loadOnce(credential);
  }

  /** One look at the epoch serves every request that waits for one. */
  function checkEpoch(): Promise<void> {
    checking ??= options.epoch().then((current) => moveTo(current)).finally(() => {
      checking = null;
    });
    return checking;
  }

  function loadOnce(credential: string): Promise<Caller | null> {
    const running = loading.get(credential);
    if (running !== undefined) return running;
    const started = loadUnderEpoch(credential).finally(() => loading.delete(credential));
    loading.set(credential, started);
    return started;
  }

  async function loadUnderEpoch(credential: string): Promise<Caller | null> {
    let found: Caller | null = null;
    for (let attempt = 0; attempt < MAX_LOADS; attempt++) {
      found = await load(credential);
      if (found === null) {
        remember(unknownUntilMs, {
          key: credential,
          value: clock.nowMs() + UNKNOWN_LIFE_MS,
          max: MAX_UNKNOWN,
        });
        return null;
      }
      moveTo(found.epoch);
      if (found.epoch === epoch) {
        remember(callers, { key: credential, value: found, max: maxCallers });
        return found;
      }
    }
    // The configuration moves faster than it can be read. The commit's check still decides.
    return found;
  }

  /** Versionstamps only grow, so an older one is a read that was overtaken. */
  function moveTo(current: ConfigEpoch): void {
    if (isNewer(current, epoch)) {
      callers.clear();
      unknownUntilMs.clear();
      epoch = current;
    }
    if (current === epoch) believedUntilMs = clock.nowMs() + maxAgeMs;
  }

  return {
    peek,
    caller,
    invalidate: (stale = epoch) => {
      if (stale !== epoch) return;
      callers.clear();
      unknownUntilMs.clear();
    },
    get size() {
      return callers.size;
    },
  };
}

function isNewer(candidate: ConfigEpoch, held: ConfigEpoch): boolean {
  return candidate !== null && (held === null || candidate > held);
}

/** Drops the oldest entry when full: cheap, and a busy caller is read again at once. */
function remember<T>(
  map: Map<string, T>,
  { key, value, max }: { key: string; value: T; max: number },
): void {
  if (map.size >= max && !map.has(key)) {
    const oldest = map.keys().next();
    if (!oldest.done) map.delete(oldest.value);
  }
  map.set(key, value);
}
