import { assert, assertEquals } from "@std/assert";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { generateApiKey } from "@/lib/auth/api_key.ts";
import {
  createAuthenticator,
  issuerCredential,
  parseIssuerCredential,
} from "@/lib/auth/authenticate.ts";
import { createJwksSource } from "@/lib/auth/jwks_source.ts";
import { jwtAudience } from "@/lib/auth/jwt.ts";
import { requireScope } from "@/lib/auth/scopes.ts";
import { createKvIssuerStore } from "@/lib/kv/issuer_store.ts";
import { createKvPlanStore } from "@/lib/kv/plan_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import {
  createApiKey,
  type CreatedApiKey,
  revokeApiKey,
  rotateApiKey,
} from "@/lib/tenancy/api_keys.ts";
import { createConfigCache } from "@/lib/tenancy/config_cache.ts";
import { registerIssuer, revokeIssuer } from "@/lib/tenancy/issuers.ts";
import { FixedClock } from "@/tests/support/fixed_effects.ts";
import { MemoryKv } from "@/tests/support/memory_kv.ts";
import { emptyPlan, sampleTenant } from "@/tests/support/samples.ts";
import { seededIds } from "@/tests/support/seeded_ids.ts";

const ACT = { actor: { kind: "system", id: "test" }, ip: null, requestId: "req_1" } as const;
const pair = await generateKeyPair("ES256", { extractable: true });
const jwk = { ...await exportJWK(pair.publicKey), kid: "k", alg: "ES256" };

/** Counts what is asked of it. */
class CountingKv extends MemoryKv {
  reads = 0;
  override get<T = unknown>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    this.reads++;
    return super.get<T>(key);
  }
  override getMany<T extends readonly unknown[]>(
    keys: readonly [...{ [K in keyof T]: Deno.KvKey }],
  ): Promise<{ [K in keyof T]: Deno.KvEntryMaybe<T[K]> }> {
    this.reads++;
    return super.getMany<T>(keys);
  }
}

async function open() {
  const kv = new CountingKv();
  const clock = new FixedClock();
  const tenants = createKvTenantStore(kv);
  const issuers = createKvIssuerStore(kv);
  const ids = seededIds();
  const resolver = { addresses: () => Promise.resolve(["93.184.216.34"]) };
  const keys = createJwksSource({
    clock,
    resolver,
    outbound: {
      send: () =>
        Promise.resolve({
          ok: true,
          status: 200,
          contentType: "application/json",
          text: JSON.stringify({ keys: [jwk] }),
        }),
    },
  });
  /** One instance of the service; several share the store. */
  const instance = () => {
    const epoch = () => tenants.epoch();
    const callers = createConfigCache({
      clock,
      epoch,
      load: (hash) => tenants.callerByKeyHash(hash),
    });
    const issuerCache = createConfigCache({
      clock,
      epoch,
      load: (credential) => issuers.callerByIssuer(parseIssuerCredential(credential)),
    });
    const authenticator = createAuthenticator({
      callers,
      issuers: issuerCache,
      keys,
      clock,
      mode: "live",
    });
    return { callers, authenticator };
  };
  await createKvPlanStore(kv).putPlan(emptyPlan(), null);
  await tenants.putTenant(sampleTenant(), null);
  const deps = { tenants, clock, ids };
  const mint = async (change: Record<string, unknown> = {}): Promise<CreatedApiKey> => {
    const created = await createApiKey({
      tenantId: "ten_a",
      name: "Server",
      mode: "live",
      scopes: ["ratings:read"],
      ...change,
    }, { deps, act: ACT });
    assert(created.ok);
    return created.value;
  };
  return { kv, clock, ids, tenants, issuers, resolver, deps, mint, instance };
}

type Instance = ReturnType<Awaited<ReturnType<typeof open>>["instance"]>;

async function ask(
  { authenticator }: Instance,
  text: string,
  { ip = "203.0.113.5", fresh = false } = {},
): Promise<string> {
  const result = await authenticator.authenticate({ authorization: `Bearer ${text}`, ip, fresh });
  return result.ok ? result.value.tenant.tenantId : result.error.code;
}

Deno.test("a key opens its tenant, first from the store and then from memory at once", async () => {
  const { kv, mint, instance } = await open();
  const { secret, key } = await mint();
  const one = instance();
  assertEquals(await ask(one, secret), "ten_a");
  const before = kv.reads;
  const result = one.authenticator.authenticate({ authorization: `Bearer ${secret}`, ip: "::1" });
  assert(!(result instanceof Promise) && result.ok);
  assertEquals(result.value.key, key);
  assertEquals(kv.reads, before);
});

Deno.test("a mistyped or invented key costs no read of the store", async () => {
  const { kv, mint, instance } = await open();
  const { secret } = await mint();
  const one = instance();
  const before = kv.reads;
  const wrong = [
    secret.slice(0, -1),
    `${secret}a`,
    secret.slice(0, 20) + (secret[20] === "a" ? "b" : "a") + secret.slice(21),
    "cm_live_" + "a".repeat(36),
    "sk_live_123",
    "password",
  ];
  for (const text of wrong) assertEquals(await ask(one, text), "invalid_credential", text);
  assertEquals(kv.reads, before);
});

Deno.test("a well-formed key that nobody was given is refused, and asking again costs no read", async () => {
  const { kv, ids, instance } = await open();
  const unknown = generateApiKey("live", ids);
  const one = instance();
  assertEquals(await ask(one, unknown), "invalid_credential");
  const before = kv.reads;
  assertEquals(await ask(one, unknown), "invalid_credential");
  assertEquals(kv.reads, before);
});

Deno.test("a header that is not one bearer credential is refused", async () => {
  const { instance } = await open();
  const { authenticator } = instance();
  for (
    const authorization of [null, "", "Bearer", "Bearer ", "Basic abc", "Bearer a b", "cm_live_x"]
  ) {
    const result = await authenticator.authenticate({ authorization, ip: "::1" });
    assertEquals(result.ok ? "" : result.error.code, "missing_credential", String(authorization));
  }
});

Deno.test("a test key does not work where live keys do, and costs no read", async () => {
  const { kv, mint, instance } = await open();
  const { secret } = await mint({ mode: "test" });
  const before = kv.reads;
  assertEquals(await ask(instance(), secret), "wrong_mode_key");
  assertEquals(kv.reads, before);
});

Deno.test("a rotated key works until its grace period ends, to the millisecond", async () => {
  const { clock, deps, mint, instance } = await open();
  const { secret, key } = await mint();
  const one = instance();
  assertEquals(await ask(one, secret), "ten_a");
  const graceMs = 3_600_000;
  const rotated = await rotateApiKey({ tenantId: "ten_a", keyId: key.keyId, graceMs }, {
    deps,
    act: ACT,
  });
  assert(rotated.ok);
  assertEquals(rotated.value.key.scopes, key.scopes);
  clock.advance(graceMs - 1);
  assertEquals(await ask(one, secret), "ten_a");
  assertEquals(await ask(one, rotated.value.secret), "ten_a");
  clock.advance(1);
  assertEquals(await ask(one, secret), "revoked_credential");
  assertEquals(await ask(one, rotated.value.secret), "ten_a");
});

Deno.test("rotating can't lengthen a life: not of the key, not of its grace period", async () => {
  const { clock, deps, mint, instance } = await open();
  const endsAtMs = clock.nowMs() + 1_000;
  const { secret, key } = await mint({ expiresAtMs: endsAtMs });
  const id = { tenantId: "ten_a", keyId: key.keyId, graceMs: 86_400_000 };
  const rotated = await rotateApiKey(id, { deps, act: ACT });
  assert(rotated.ok);
  assertEquals(rotated.value.key.expiresAtMs, endsAtMs);
  assertEquals(rotated.value.previous.revokedAtMs, endsAtMs);
  clock.advance(1_000);
  const one = instance();
  assertEquals(await ask(one, rotated.value.secret), "expired_credential");
  assert(["expired_credential", "revoked_credential"].includes(await ask(one, secret)));
  assertEquals((await rotateApiKey(id, { deps, act: ACT })).ok, false);
  const long = await rotateApiKey({ ...id, graceMs: 31 * 86_400_000 }, { deps, act: ACT });
  assertEquals(long.ok ? "" : long.error.code, "invalid_expiry");
});

Deno.test("a key revoked on one instance is refused by another as soon as it looks", async () => {
  const { clock, deps, mint, instance } = await open();
  const [one, two] = [instance(), instance()];
  const { secret, key } = await mint();
  assertEquals([await ask(one, secret), await ask(two, secret)], ["ten_a", "ten_a"]);
  await revokeApiKey({ tenantId: "ten_a", keyId: key.keyId }, { deps, act: ACT });
  assertEquals(await ask(two, secret, { fresh: true }), "revoked_credential");
  assertEquals(await ask(one, secret), "ten_a");
  clock.advance(2_000);
  assertEquals(await ask(one, secret), "revoked_credential");
});

Deno.test("an address list is kept to", async () => {
  const { mint, instance } = await open();
  const { secret } = await mint({ ipAllowList: ["203.0.113.0/24"] });
  const one = instance();
  assertEquals(await ask(one, secret, { ip: "203.0.113.77" }), "ten_a");
  assertEquals(await ask(one, secret, { ip: "203.0.112.77" }), "address_not_allowed");
  assertEquals(await ask(one, secret, { ip: "unknown" }), "address_not_allowed");
});

Deno.test("a registered issuer's token speaks for its tenant, with no more than it was granted", async () => {
  const { clock, ids, issuers, resolver, instance } = await open();
  const deps = { issuers, resolver, clock, ids };
  const registered = await registerIssuer({
    tenantId: "ten_a",
    issuer: "https://id.example.com",
    jwksUrl: "https://id.example.com/jwks",
    algorithms: ["ES256"],
    mode: "live",
    scopes: ["ratings:read", "usage:read"],
  }, { deps, act: ACT });
  assert(registered.ok);
  const now = clock.nowMs() / 1_000;
  const sign = (claims: Record<string, unknown>) =>
    new SignJWT({
      iss: "https://id.example.com",
      aud: jwtAudience("ten_a"),
      sub: "svc",
      iat: now,
      exp: now + 60,
      ...claims,
    }).setProtectedHeader({ alg: "ES256", kid: "k" }).sign(pair.privateKey);
  const one = instance();
  const token = await sign({ scope: "ratings:read prices:write" });
  const result = await one.authenticator.authenticate({
    authorization: `Bearer ${token}`,
    ip: "::1",
  });
  assert(result.ok);
  assertEquals(result.value.key.scopes, ["ratings:read"]);
  assertEquals(result.value.key.keyId, registered.value.issuerId);
  assertEquals(requireScope(result.value.key.scopes, "prices:write").ok, false);
  const none = await one.authenticator.authenticate({
    authorization: `Bearer ${await sign({})}`,
    ip: "::1",
  });
  assert(none.ok);
  assertEquals(none.value.key.scopes, []);
  assertEquals(await ask(one, await sign({ aud: jwtAudience("ten_b") })), "jwt_issuer_unknown");
  assertEquals(await ask(one, await sign({ iss: "https://evil.com" })), "jwt_issuer_unknown");
  await revokeIssuer({ tenantId: "ten_a", issuer: "https://id.example.com" }, { deps, act: ACT });
  assertEquals(await ask(one, token, { fresh: true }), "jwt_issuer_unknown");
});

Deno.test("an issuer whose keys lie on a private address can't be registered", async () => {
  const { clock, ids, issuers } = await open();
  const deps = {
    issuers,
    clock,
    ids,
    resolver: { addresses: () => Promise.resolve(["169.254.169.254"]) },
  };
  const refused = await registerIssuer({
    tenantId: "ten_a",
    issuer: "https://id.example.com",
    jwksUrl: "https://id.example.com/jwks",
    algorithms: ["ES256"],
    mode: "live",
    scopes: ["*"],
  }, { deps, act: ACT });
  assertEquals(refused.ok ? "" : refused.error.code, "url_refused");
});

Deno.test("an issuer's name in the cache reads back as it was", () => {
  const claim = { tenantId: "ten_a", issuer: 'https://id.example.com/a b"' };
  assertEquals(parseIssuerCredential(issuerCredential(claim)), claim);
});
