import type { ApiKey, Tenant } from "@/lib/domain/tenant.ts";
import type { CallerConfig, TenantStore } from "@/lib/ports/tenancy.ts";
import { readCallerRows } from "./caller_snapshot.ts";
import { guardedCommit } from "./guarded_commit.ts";
import {
  apiKeyByHashKey,
  apiKeyKey,
  apiKeysPrefix,
  configEpochKey,
  tenantKey,
  tenantsPrefix,
} from "./keys.ts";
import type { KvLike } from "./kv_like.ts";
import { versioned } from "./versioned.ts";

/** Keys of one tenant that a read returns; the use case allows far fewer. */
const MAX_KEYS = 1_000;
const LIST = { batchSize: 500 };
/** Tenants that one search looks at before it returns what it has, with a cursor to go on. */
const MAX_SCAN = 20_000;

/** Tenants and API keys in Deno KV. Every write moves the config epoch in the same commit. */
export function createKvTenantStore(kv: KvLike): TenantStore {
  return {
    epoch: async () => (await kv.get(configEpochKey())).versionstamp,

    callerByKeyHash: (hash) => readCaller(kv, hash),

    tenant: async (tenantId) => versioned(await kv.get<Tenant>(tenantKey(tenantId))),

    tenants: async ({ cursor, limit, search }) => {
      const items: Tenant[] = [];
      const selector = cursor === undefined
        ? { prefix: tenantsPrefix() }
        : { prefix: tenantsPrefix(), start: tenantKey(`${cursor}\u0000`) };
      let last = "";
      let seen = 0;
      const everyOneFits = search === undefined || search === "";
      const options = everyOneFits ? { limit: limit + 1 } : LIST;
      for await (const { value } of kv.list<Tenant>(selector, options)) {
        if (items.length === limit || seen++ === MAX_SCAN) return { items, cursor: last };
        last = value.tenantId;
        if (matches(value, search)) items.push(value);
      }
      return { items, cursor: null };
    },

    putTenant: async (tenant, versionstamp, audit) => {
      const key = tenantKey(tenant.tenantId);
      const outcome = await guardedCommit(kv, {
        checks: [{ key, versionstamp }],
        write: (atomic) => atomic.set(key, tenant),
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

function matches({ name, tenantId }: Tenant, search: string | undefined): boolean {
  if (search === undefined || search === "") return true;
  const wanted = search.toLowerCase();
  return name.toLowerCase().includes(wanted) || tenantId.toLowerCase().includes(wanted);
}
