/**
 * Every Deno KV key of Clawmeter, built here and nowhere else. Key parts are separate elements,
 * never joined text, so no value can reach into another's place. Tenant-owned keys carry the tenant
 * id, which callers take from the credential only.
 */

// Configuration
export const configEpochKey = (): Deno.KvKey => ["config_epoch"];
export const tenantKey = (tenantId: string): Deno.KvKey => ["tenant", tenantId];
export const tenantsPrefix = (): Deno.KvKey => ["tenant"];
export const apiKeyKey = (
  tenantId: string,
  keyId: string,
): Deno.KvKey => ["api_key", tenantId, keyId];
export const apiKeysPrefix = (tenantId: string): Deno.KvKey => ["api_key", tenantId];
/** Value: `[tenantId, keyId]`; a pointer, so that one copy of the key record exists. */
export const apiKeyByHashKey = (hash: string): Deno.KvKey => ["api_key_by_hash", hash];
export const planKey = (planId: string, revision: number): Deno.KvKey => ["plan", planId, revision];
export const plansPrefix = (planId?: string): Deno.KvKey =>
  planId === undefined ? ["plan"] : ["plan", planId];

// Metering

// Instruments, prices and lists

// Billing

// Sign-in, sessions, members, audit
