import { invariant } from "@/lib/domain/invariant.ts";
import type { Units } from "@/lib/domain/plan.ts";
import type { QuotaGrant, QuotaLineId, QuotaStore } from "@/lib/ports/quota.ts";
import { StorageUnavailable } from "@/lib/ports/storage.ts";
import { commitOnce } from "./commit_once.ts";
import type { KvLike } from "./kv_like.ts";
import {
  ledgerPrefix,
  quotaLeaseKey,
  quotaLeasesPrefix,
  quotaPoolKey,
  quotaUsedKey,
  ringKey,
} from "./keys.ts";

/** Units handed out and not given back. */
interface PoolRow {
  readonly v: 1;
  readonly granted: Units;
}
/** Units handed out to one instance and not given back, served or not. */
interface LeaseRow {
  readonly v: 1;
  readonly granted: Units;
  /** Numbers the changes of one instance, which knows its own again by it. */
  readonly serial: number;
}

/** Races for one pool before the caller is told to come back. */
const TRIES_MAX = 12;
/** One lease takes at most this part of what is left: near the quota, leases shrink to single units. */
const POOL_SHARE = 8n;
const LIST = { batchSize: 500 };

/** Leases on hard quotas: one pool per line, one lease per line and instance. */
export function createQuotaStore({ kv }: { readonly kv: KvLike }): QuotaStore {
  let serial = 0;
  // A lease is changed by one call at a time, so that a change of our own is never taken for another's.
  const turns = new Map<string, Promise<unknown>>();
  const inTurn = <T>(line: QuotaLineId, instanceId: string, run: () => Promise<T>): Promise<T> => {
    const key = JSON.stringify(quotaLeaseKey(line, instanceId));
    const turn = (turns.get(key) ?? Promise.resolve()).then(run, run);
    const done = turn.catch(() => {}).then(() => {
      if (turns.get(key) === done) turns.delete(key);
    });
    turns.set(key, done);
    return turn;
  };
  return {
    acquire: (line, request) =>
      inTurn(
        line,
        request.instanceId,
        () => acquire(kv, line, { ...request, serial: ++serial }),
      ),
    release: (line, { instanceId, units }) =>
      inTurn(line, instanceId, () =>
        giveBack(kv, line, {
          instanceId,
          unitsOf: () => Promise.resolve(units),
          whole: false,
          serial: ++serial,
        })),
    async reclaim(instanceId) {
      const lines: QuotaLineId[] = [];
      for await (const { key } of kv.list({ prefix: quotaLeasesPrefix(instanceId) }, LIST)) {
        const [, , tenantId, meter, periodId] = key.map(String);
        if (tenantId === undefined || meter === undefined || periodId === undefined) continue;
        lines.push({ tenantId, meter, periodId });
      }
      for (const line of lines) {
        const unitsOf = async (granted: Units) => {
          const used = await kv.get<Deno.KvU64>(quotaUsedKey(line, instanceId));
          const left = granted - (used.value?.value ?? 0n);
          invariant(left >= 0n, "An instance serves no more than it leased");
          return left;
        };
        await giveBack(kv, line, { instanceId, unitsOf, whole: true, serial: 0 });
      }
    },
    async granted(line) {
      return (await kv.get<PoolRow>(quotaPoolKey(line))).value?.granted ?? null;
    },
  };
}

async function acquire(
  kv: KvLike,
  line: QuotaLineId,
  { instanceId, needed, wished, quota, serial }:
    & Parameters<QuotaStore["acquire"]>[1]
    & { readonly serial: number },
): Promise<QuotaGrant> {
  const poolKey = quotaPoolKey(line);
  const leaseKey = quotaLeaseKey(line, instanceId);
  for (let attempt = 1; attempt <= TRIES_MAX; attempt++) {
    const [pool, lease, ring] = await kv.getMany<[PoolRow, LeaseRow, unknown]>([
      poolKey,
      leaseKey,
      ringKey(instanceId),
    ]);
    // An instance that has lost its ring can commit nothing, and a lease would outlive it.
    if (ring.versionstamp === null) return { units: 0n, left: 0n };
    const granted = pool.value?.granted ?? await countedBefore(kv, line);
    const left = granted < quota ? quota - granted : 0n;
    if (left < needed) return { units: 0n, left };
    const share = left / POOL_SHARE;
    const extra = wished < share ? wished : share;
    const units = extra > needed ? extra : needed;
    const mine: LeaseRow = { v: 1, granted: (lease.value?.granted ?? 0n) + units, serial };
    const commit = await commitOnce(
      () =>
        kv.atomic()
          .check({ key: poolKey, versionstamp: pool.versionstamp })
          .check({ key: leaseKey, versionstamp: lease.versionstamp })
          .check({ key: ringKey(instanceId), versionstamp: ring.versionstamp })
          .set(poolKey, { v: 1, granted: granted + units } satisfies PoolRow)
          .set(leaseKey, mine),
      async () => {
        const [poolNow, leaseNow] = await kv.getMany<[PoolRow, LeaseRow]>([poolKey, leaseKey]);
        if (leaseNow.value?.serial === serial) {
          return { kind: "mine", versionstamp: leaseNow.versionstamp ?? "" };
        }
        return { kind: poolNow.versionstamp === pool.versionstamp ? "unchanged" : "changed" };
      },
    );
    if (commit.ok) return { units, left: left - units };
  }
  throw new StorageUnavailable("Too many instances ask for the same quota at once");
}

/** A quota that becomes hard within a period starts from what is counted already. */
async function countedBefore(
  kv: KvLike,
  { tenantId, meter, periodId }: QuotaLineId,
): Promise<Units> {
  let sum = 0n;
  const selector = { prefix: [...ledgerPrefix(tenantId, periodId), meter] };
  for await (const { key, value } of kv.list<Deno.KvU64>(selector, LIST)) {
    if (key.at(-1) === "acknowledged") sum += value.value;
  }
  return sum;
}

async function giveBack(
  kv: KvLike,
  line: QuotaLineId,
  { instanceId, unitsOf, whole, serial }: {
    readonly instanceId: string;
    readonly unitsOf: (granted: Units) => Promise<Units>;
    /** The lease ends; otherwise only part of it is returned. */
    readonly whole: boolean;
    readonly serial: number;
  },
): Promise<void> {
  const poolKey = quotaPoolKey(line);
  const leaseKey = quotaLeaseKey(line, instanceId);
  for (let attempt = 1; attempt <= TRIES_MAX; attempt++) {
    const [pool, lease] = await kv.getMany<[PoolRow, LeaseRow]>([poolKey, leaseKey]);
    if (lease.value === null || pool.value === null) return;
    const { granted } = lease.value;
    const units = await unitsOf(granted);
    invariant(units <= granted && units <= pool.value.granted, "No more is returned than leased");
    const poolNext: PoolRow = { v: 1, granted: pool.value.granted - units };
    const commit = await commitOnce(
      () => {
        const atomic = kv.atomic()
          .check({ key: poolKey, versionstamp: pool.versionstamp })
          .check({ key: leaseKey, versionstamp: lease.versionstamp })
          .set(poolKey, poolNext);
        if (whole) return atomic.delete(leaseKey).delete(quotaUsedKey(line, instanceId));
        return atomic.set(leaseKey, { v: 1, granted: granted - units, serial } satisfies LeaseRow);
      },
      async () => {
        const [poolNow, leaseNow] = await kv.getMany<[PoolRow, LeaseRow]>([poolKey, leaseKey]);
        const done = leaseNow.value === null || (!whole && leaseNow.value.serial === serial);
        if (done) return { kind: "mine", versionstamp: leaseNow.versionstamp ?? "" };
        const same = leaseNow.versionstamp === lease.versionstamp &&
          poolNow.versionstamp === pool.versionstamp;
        return { kind: same ? "unchanged" : "changed" };
      },
    );
    if (commit.ok) return;
  }
  throw new StorageUnavailable("Too many instances ask for the same quota at once");
}
