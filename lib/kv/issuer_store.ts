import type { IssuerStore, JwtIssuer } from "@/lib/ports/tenancy.ts";
import { readCallerRows } from "./caller_snapshot.ts";
import { guardedCommit } from "./guarded_commit.ts";
import { issuerKey, issuersPrefix } from "./keys.ts";
import type { KvLike } from "./kv_like.ts";
import { versioned } from "./versioned.ts";

const MAX_ISSUERS = 100;

/** Token issuers in Deno KV, each under the tenant that registered it. */
export function createKvIssuerStore(kv: KvLike): IssuerStore {
  return {
    callerByIssuer: async ({ tenantId, issuer }) => {
      const credentialKey = issuerKey(tenantId, issuer);
      const rows = await readCallerRows<JwtIssuer>(kv, { tenantId, credentialKey });
      if (rows === null) return null;
      const { credential, ...terms } = rows;
      return { ...terms, issuer: credential };
    },

    issuers: async (tenantId) => {
      const found: JwtIssuer[] = [];
      const selector = { prefix: issuersPrefix(tenantId) };
      for await (const entry of kv.list<JwtIssuer>(selector, { limit: MAX_ISSUERS })) {
        found.push(entry.value);
      }
      return found;
    },

    issuer: async (tenantId, issuer) =>
      versioned(await kv.get<JwtIssuer>(issuerKey(tenantId, issuer))),

    putIssuer: async (issuer, versionstamp, audit) => {
      const key = issuerKey(issuer.tenantId, issuer.issuer);
      const outcome = await guardedCommit(kv, {
        checks: [{ key, versionstamp }],
        write: (atomic) => atomic.set(key, issuer),
        movesEpoch: true,
        audit,
      });
      return outcome.ok ? { ok: true } : outcome;
    },
  };
}
