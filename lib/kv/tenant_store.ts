import type { PlanRevision } from "@/lib/domain/plan.ts";
import type { ApiKey, Tenant, TenantId } from "@/lib/domain/tenant.ts";
import type { CallerConfig, Page, TenantStore } from "@/lib/ports/tenancy.ts";
import { readCallerRows } from "./caller_snapshot.ts";
import { guardedCommit } from "./guarded_commit.ts";
import {
  apiKeyByHashKey,
  apiKeyKey,
  apiKeysPrefix,
  configEpochKey,
  planChangeKey,
  planMoveKey,
  tenantKey,
  tenantsPrefix,
} from "./keys.ts";
import type { KvLike } from "./kv_like.ts";
import { createTenantDirectory, type DirectoryRow } from "./tenant_directory.ts";
import { versioned } from "./versioned.ts";

/** Keys of one tenant that a read returns; the use case allows far fewer. */
const MAX_KEYS = 1_000;
const GET_MANY_MAX = 10;

/** Tenants and API keys in Deno KV. Every write moves the config epoch in the same commit. */
export function createKvTenantStore(kv: KvLike): TenantStore {
  const directory = createTenantDirectory(kv);
  return {
    epoch: async () => (await kv.get(configEpochKey())).versionstamp,

    callerByKeyHash: (hash) => readCaller(kv, hash),

    tenant: async (tenantId) => versioned(await kv.get<Tenant>(tenantKey(tenantId))),

    tenants: async (query) => {
      const { search = "", planRevision } = query;
      if (search === "" && planRevision === undefined) return await everyTenant(kv, query);
      return await tenantsFound(kv, await directory.rows(), query);
    },

    tenantNames: async (tenantIds) => {
      const tenants = await tenantsById(kv, [...new Set(tenantIds)]);
      return new Map(tenants.map(({ tenantId, name }) => [tenantId, name]));
    },

    planCounts: async () => {
      const counts = new Map<PlanRevision, number>();
      for (const { planRevision, status } of await directory.rows()) {
        if (status === "closed") continue;
        counts.set(planRevision, (counts.get(planRevision) ?? 0) + 1);
      }
      return counts;
    },

    putTenant: async (tenant, versionstamp, audit, plan) => {
      const key = tenantKey(tenant.tenantId);
      const outcome = await guardedCommit(kv, {
        checks: [{ key, versionstamp }],
        write: (atomic) => {
          const { change = null, move = null } = plan ?? {};
          if (change !== null) atomic.set(planChangeKey(change.tenantId, change.atMs), change);
          if (move !== null) atomic.set(planMoveKey(move.tenantId), move);
          return atomic.set(key, tenant);
        },
        movesEpoch: true,
        audit,
      });
      return outcome.ok ? { ok: true } : outcome;
    },

    apiKey: async (tenantId, keyId) => versioned(await kv.get<ApiKey>(apiKeyKey(tenantId, keyId))),

    apiKeys: async (tenantId) => {
      const keys: ApiKey[] = [];
      const selector = { prefix: apiKeysPrefix(tenantId) };
      for await (const entry of kv.list<ApiKey>(selector, { limit: MAX_KEYS })) {
        keys.push(entry.value);
      }
      return keys.sort((a, b) => b.createdAtMs - a.createdAtMs);
    },

    putApiKey: async (apiKey, versionstamp, audit) => {
      const key = apiKeyKey(apiKey.tenantId, apiKey.keyId);
      const pointerKey = apiKeyByHashKey(apiKey.hash);
      const created = versionstamp === null;
      const outcome = await guardedCommit(kv, {
        checks: [
          { key, versionstamp },
          ...created ? [{ key: pointerKey, versionstamp: null }] : [],
        ],
        write: (atomic) => {
          atomic.set(key, apiKey);
          if (created) atomic.set(pointerKey, [apiKey.tenantId, apiKey.keyId]);
          return atomic;
        },
        movesEpoch: true,
        audit,
      });
      return outcome.ok ? { ok: true } : outcome;
    },
  };
}

async function readCaller(kv: KvLike, hash: string): Promise<CallerConfig | null> {
  const pointer = (await kv.get<readonly [string, string]>(apiKeyByHashKey(hash))).value;
  if (pointer === null) return null;
  const [tenantId, keyId] = pointer;
  const credentialKey = apiKeyKey(tenantId, keyId);
  const rows = await readCallerRows<ApiKey>(kv, { tenantId, credentialKey });
  if (rows === null) return null;
  const { epoch, credential, tenant, plan } = rows;
  return { epoch, key: credential, tenant, plan };
}

type TenantQuery = Parameters<TenantStore["tenants"]>[0];

async function everyTenant(kv: KvLike, { cursor, limit }: TenantQuery): Promise<Page<Tenant>> {
  const items: Tenant[] = [];
  const selector = cursor === undefined
    ? { prefix: tenantsPrefix() }
    : { prefix: tenantsPrefix(), start: tenantKey(`${cursor}\u0000`) };
  for await (const { value } of kv.list<Tenant>(selector, { limit: limit + 1 })) items.push(value);
  return pageOf(items, limit);
}

/** Found in the directory, and then read as they are now. */
async function tenantsFound(
  kv: KvLike,
  rows: readonly DirectoryRow[],
  { cursor = "", limit, search = "", planRevision }: TenantQuery,
): Promise<Page<Tenant>> {
  const wanted = search.toLowerCase();
  const ids: TenantId[] = [];
  for (const row of rows) {
    if (row.tenantId <= cursor || !row.text.includes(wanted)) continue;
    if (planRevision !== undefined && row.planRevision !== planRevision) continue;
    ids.push(row.tenantId);
    if (ids.length > limit) break;
  }
  return pageOf(await tenantsById(kv, ids), limit);
}

/** Those that exist, in the order of their ids here. */
async function tenantsById(kv: KvLike, ids: readonly TenantId[]): Promise<readonly Tenant[]> {
  const found: Tenant[] = [];
  for (let at = 0; at < ids.length; at += GET_MANY_MAX) {
    const keys = ids.slice(at, at + GET_MANY_MAX).map(tenantKey);
    for (const { value } of await kv.getMany<Tenant[]>(keys)) if (value !== null) found.push(value);
  }
  return found;
}

/** One more was read than is wanted, to know whether there is more. */
function pageOf(items: readonly Tenant[], limit: number): Page<Tenant> {
  const shown = items.slice(0, limit);
  return { items: shown, cursor: items.length > limit ? shown.at(-1)?.tenantId ?? null : null };
}
