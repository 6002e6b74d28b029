import { apiKeyHint, generateApiKey, hashApiKey, type KeyMode } from "@/lib/auth/api_key.ts";
import { parseAllowList } from "@/lib/auth/ip_allow.ts";
import { parseScopes } from "@/lib/auth/scopes.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { ApiKey, TenantId } from "@/lib/domain/tenant.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { TenantStore, Versioned } from "@/lib/ports/tenancy.ts";
import { type Act, auditDraft } from "./act.ts";
import { parseName } from "./tenant_fields.ts";

export interface ApiKeysDeps {
  readonly tenants: TenantStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface NewApiKey {
  readonly tenantId: TenantId;
  readonly name: string;
  readonly mode: KeyMode;
  readonly scopes: readonly string[];
  readonly ipAllowList?: readonly string[];
  readonly expiresAtMs?: number | null;
}

export interface CreatedApiKey {
  readonly key: ApiKey;
  /** The key itself; it is shown this once and can't be read again. */
  readonly secret: string;
}

/** Keys of one tenant that are neither revoked nor expired. */
const MAX_ACTIVE_KEYS = 50;
const DAY_MS = 86_400_000;
const MAX_GRACE_MS = 30 * DAY_MS;
const MAX_LIFE_MS = 10 * 366 * DAY_MS;

/**
 * Errors: `unknown_tenant`, `validation_failed`, `invalid_scope`, `invalid_address_range`,
 * `invalid_expiry`, `too_many_keys`.
 */
export async function createApiKey(
  input: NewApiKey,
  { deps, act }: { deps: ApiKeysDeps; act: Act },
): Promise<Result<CreatedApiKey>> {
  const { tenantId, mode, expiresAtMs = null } = input;
  const nowMs = deps.clock.nowMs();
  const name = parseName(input.name);
  if (!name.ok) return name;
  const scopes = parseScopes(input.scopes);
  if (!scopes.ok) return scopes;
  const ipAllowList = parseAllowList(input.ipAllowList ?? []);
  if (!ipAllowList.ok) return ipAllowList;
  if (expiresAtMs !== null && !(expiresAtMs > nowMs && expiresAtMs <= nowMs + MAX_LIFE_MS)) {
    const detail = "A key expires later than now and within ten years";
    return refuse({ code: "invalid_expiry", detail, pointer: "/expires_at" });
  }
  if (await deps.tenants.tenant(tenantId) === null) {
    return refuse({ code: "unknown_tenant", detail: `There is no tenant ${tenantId}` });
  }
  const active = (await deps.tenants.apiKeys(tenantId)).filter((key) => isActive(key, nowMs));
  if (active.length >= MAX_ACTIVE_KEYS) {
    const detail = `A tenant has at most ${MAX_ACTIVE_KEYS} active keys; revoke one first`;
    return refuse({ code: "too_many_keys", detail });
  }
  const terms = { name: name.value, scopes: scopes.value, ipAllowList: ipAllowList.value };
  const fresh = drawKey(mode, deps.ids);
  const named = { tenantId, mode, expiresAtMs, ...terms };
  return await write(named, { deps, act, action: "created", fresh });
}

/**
 * A new key with the same rights; the old one works until the grace period is over, and never past
 * its own expiry. Errors: `unknown_key`, `key_not_active`, `invalid_expiry`, `conflict`.
 */
export async function rotateApiKey(
  { tenantId, keyId, graceMs }: { tenantId: TenantId; keyId: string; graceMs: number },
  { deps, act }: { deps: ApiKeysDeps; act: Act },
): Promise<Result<CreatedApiKey & { readonly previous: ApiKey }>> {
  if (!(graceMs >= 0 && graceMs <= MAX_GRACE_MS)) {
    const detail = "The grace period is at most 30 days";
    return refuse({ code: "invalid_expiry", detail, pointer: "/grace" });
  }
  const known = await deps.tenants.apiKey(tenantId, keyId);
  if (known === null) return unknownKey(keyId);
  const fresh = drawKey(known.value.mode, deps.ids);
  const nowMs = deps.clock.nowMs();
  if (!isActive(known.value, nowMs)) {
    // A first attempt of this same rotation may have ended the old key and been cut off.
    const mine = await ownKey({ tenantId, ...fresh }, deps);
    return mine === null
      ? notActive(known.value)
      : accept({ key: mine, secret: fresh.secret, previous: known.value });
  }
  const old = known.value;
  // A grace period that was granted before is not made longer by rotating again.
  const endsAtMs = Math.min(
    nowMs + graceMs,
    old.expiresAtMs ?? Infinity,
    old.revokedAtMs ?? Infinity,
  );
  const created = await write(
    {
      tenantId,
      mode: old.mode,
      name: old.name,
      scopes: old.scopes,
      ipAllowList: old.ipAllowList,
      expiresAtMs: old.expiresAtMs,
    },
    { deps, act, action: "rotated", fresh },
  );
  if (!created.ok) return created;
  const previous = { ...old, revokedAtMs: endsAtMs };
  const ended = await end(known, previous, { deps, act, action: "api_key.grace_started" });
  return ended.ok ? accept({ ...created.value, previous }) : ended;
}

/** At once, everywhere. Errors: `unknown_key`, `key_not_active`, `conflict`. */
export async function revokeApiKey(
  id: { tenantId: TenantId; keyId: string },
  { deps, act }: { deps: ApiKeysDeps; act: Act },
): Promise<Result<ApiKey>> {
  const found = await activeKey(id, deps);
  if (!found.ok) return found;
  const revoked = { ...found.value.value, revokedAtMs: deps.clock.nowMs() };
  return await end(found.value, revoked, { deps, act, action: "api_key.revoked" });
}

export function isActive({ revokedAtMs, expiresAtMs }: ApiKey, nowMs: number): boolean {
  return nowMs < (revokedAtMs ?? Infinity) && nowMs < (expiresAtMs ?? Infinity);
}

async function write(
  terms: Pick<
    ApiKey,
    "tenantId" | "mode" | "name" | "scopes" | "ipAllowList" | "expiresAtMs"
  >,
  { deps, act, action, fresh }: {
    deps: ApiKeysDeps;
    act: Act;
    action: "created" | "rotated";
    fresh: FreshKey;
  },
): Promise<Result<CreatedApiKey>> {
  const { keyId, secret } = fresh;
  const key: ApiKey = {
    ...terms,
    keyId,
    hash: hashApiKey(secret),
    hint: apiKeyHint(secret),
    createdAtMs: deps.clock.nowMs(),
    revokedAtMs: null,
  };
  const audit = auditDraft(act, {
    chain: key.tenantId,
    atMs: key.createdAtMs,
    action: `api_key.${action}`,
    subject: key.keyId,
    after: key,
  });
  const written = await deps.tenants.putApiKey(key, null, audit);
  if (written.ok) return accept({ key, secret });
  const mine = await ownKey({ tenantId: key.tenantId, ...fresh }, deps);
  return mine === null ? conflict() : accept({ key: mine, secret });
}

interface FreshKey {
  readonly keyId: string;
  readonly secret: string;
}

function drawKey(mode: KeyMode, ids: Ids): FreshKey {
  return { secret: generateApiKey(mode, ids), keyId: ids.next("key") };
}

/** What an earlier attempt of the same act left: nobody else draws this id and this secret. */
async function ownKey(
  { tenantId, keyId, secret }: FreshKey & { readonly tenantId: TenantId },
  { tenants }: ApiKeysDeps,
): Promise<ApiKey | null> {
  const found = await tenants.apiKey(tenantId, keyId);
  return found !== null && found.value.hash === hashApiKey(secret) ? found.value : null;
}

async function end(
  { value: before, versionstamp }: Versioned<ApiKey>,
  after: ApiKey,
  { deps, act, action }: { deps: ApiKeysDeps; act: Act; action: string },
): Promise<Result<ApiKey>> {
  const audit = auditDraft(act, {
    chain: after.tenantId,
    atMs: deps.clock.nowMs(),
    action,
    subject: after.keyId,
    before,
    after,
  });
  const written = await deps.tenants.putApiKey(after, versionstamp, audit);
  return written.ok ? accept(after) : conflict();
}

async function activeKey(
  { tenantId, keyId }: { tenantId: TenantId; keyId: string },
  { tenants, clock }: ApiKeysDeps,
): Promise<Result<Versioned<ApiKey>>> {
  const found = await tenants.apiKey(tenantId, keyId);
  if (found === null) return unknownKey(keyId);
  return isActive(found.value, clock.nowMs()) ? accept(found) : notActive(found.value);
}

function unknownKey(keyId: string): Result<never> {
  return refuse({ code: "unknown_key", detail: `There is no key ${keyId}` });
}

function notActive({ hint }: ApiKey): Result<never> {
  return refuse({ code: "key_not_active", detail: `Key ${hint} is revoked or expired already` });
}

function conflict(): Result<never> {
  return refuse({
    code: "conflict",
    detail: "Somebody else changed this key meanwhile; load it again",
  });
}
