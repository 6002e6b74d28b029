/** Managing tenants, keys and members over a real store, each change with its audit row. */
import { assert, assertEquals } from "@std/assert";
import type { AuditEntry } from "@/lib/ports/audit.ts";
import { createKvAuditLog } from "@/lib/kv/audit_store.ts";
import { auditEntryKey, auditHeadKey } from "@/lib/kv/keys.ts";
import { createKvMemberStore } from "@/lib/kv/member_store.ts";
import { createKvPlanStore } from "@/lib/kv/plan_store.ts";
import { createKvSessionStore } from "@/lib/kv/session_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { createApiKey, revokeApiKey, rotateApiKey } from "@/lib/tenancy/api_keys.ts";
import {
  acceptInvitation,
  addMember,
  changeRole,
  INVITATION_LIFE_MS,
  inviteMember,
  removeMember,
  revokeInvitation,
} from "@/lib/tenancy/members.ts";
import { mayDo, parseRole } from "@/lib/tenancy/roles.ts";
import {
  changeBudget,
  changeOverrides,
  changeSettings,
  changeStatus,
  createTenant,
} from "@/lib/tenancy/tenants.ts";
import { verifyAuditChain } from "@/lib/tenancy/verify_audit.ts";
import { FixedClock } from "@/tests/support/fixed_effects.ts";
import { emptyPlan } from "@/tests/support/samples.ts";
import { seededIds } from "@/tests/support/seeded_ids.ts";

const ACT = {
  actor: { kind: "operator", id: "op_1" },
  ip: "203.0.113.9",
  requestId: "req_7",
} as const;

async function open() {
  const kv = await Deno.openKv(":memory:");
  const clock = new FixedClock();
  const deps = {
    tenants: createKvTenantStore(kv),
    plans: createKvPlanStore(kv),
    members: createKvMemberStore(kv),
    sessions: createKvSessionStore(kv),
    clock,
    ids: seededIds(),
  };
  const audit = createKvAuditLog(kv);
  await deps.plans.putPlan(emptyPlan(), null);
  await deps.plans.putPlan(emptyPlan({ planId: "draft", status: "draft" }), null);
  const options = { deps, act: ACT };
  const created = await createTenant({ name: "Acme", planRevision: "growth@1" }, options);
  assert(created.ok);
  const { tenantId } = created.value;
  const actions = async () =>
    (await audit.entries({ chain: tenantId, limit: 1_000 })).items.map(({ action }) => action);
  return { kv, clock, deps, audit, options, tenantId, actions, [Symbol.dispose]: () => kv.close() };
}

function codeOf(result: { ok: true } | { ok: false; error: { code: string } }): string {
  return result.ok ? "ok" : result.error.code;
}

Deno.test("every change writes exactly one audit row, with who, what, before and after", async () => {
  using world = await open();
  const { deps, options, tenantId, audit, actions } = world;
  await changeSettings({ tenantId, settings: { name: "Acme Ltd" } }, options);
  await changeBudget({ tenantId, budget: { amount: 10n ** 16n, stop: true } }, options);
  await changeOverrides({ tenantId, overrides: { burst: 5, features: { batch: true } } }, options);
  await changeStatus({ tenantId, status: "suspended" }, options);
  const key = await createApiKey({ tenantId, name: "k", mode: "live", scopes: ["*"] }, options);
  assert(key.ok);
  await revokeApiKey({ tenantId, keyId: key.value.key.keyId }, options);
  const member = await addMember(
    { tenantId, email: "ada@example.com", name: "Ada", role: "owner" },
    options,
  );
  assert(member.ok);
  const invited = await inviteMember(
    { tenantId, email: "bob@example.com", role: "viewer" },
    options,
  );
  assert(invited.ok);
  await acceptInvitation({
    tenantId,
    invitationId: invited.value.invitation.invitationId,
    secret: invited.value.secret,
    name: "Bob",
  }, options);
  assertEquals((await actions()).reverse(), [
    "tenant.created",
    "tenant.settings_changed",
    "tenant.budget_changed",
    "tenant.limits_changed",
    "tenant.suspended",
    "api_key.created",
    "api_key.revoked",
    "member.added",
    "invitation.created",
    "invitation.accepted",
  ]);
  const budget = (await audit.entries({ chain: tenantId, limit: 10, action: "tenant.budget" }))
    .items[0];
  assertEquals(budget?.actor, ACT.actor);
  assertEquals(budget?.ip, ACT.ip);
  assertEquals(budget?.requestId, ACT.requestId);
  assertEquals(budget?.before, { ...plainTenant(budget?.before), budget: null });
  assertEquals(plainTenant(budget?.after)["budget"], { amount: "10000000000000000", stop: true });
  assertEquals(await verifyAuditChain(audit, tenantId), { intact: true, entries: 10 });
  const dump = JSON.stringify(await audit.chain({ chain: tenantId, fromSequence: 1, limit: 100 }));
  for (const secret of [key.value.secret, key.value.key.hash, invited.value.secret]) {
    assertEquals(dump.includes(secret), false);
  }
  assertEquals((await deps.tenants.tenant(tenantId))?.value.status, "suspended");
});

Deno.test("a refused change writes no audit row and moves nothing", async () => {
  using world = await open();
  const { deps, options, tenantId, actions } = world;
  const epoch = await deps.tenants.epoch();
  const refusals = [
    await changeSettings({ tenantId, settings: { name: " " } }, options),
    await changeSettings({ tenantId, settings: { timeZone: "Mars/Base" } }, options),
    await changeSettings({ tenantId, settings: { locale: "!" } }, options),
    await changeBudget({ tenantId, budget: { amount: -1n, stop: true } }, options),
    await changeOverrides({ tenantId, overrides: { requestsPerSecond: 0 } }, options),
    await changeOverrides({ tenantId, overrides: { burst: 1.5 } }, options),
    await createApiKey({ tenantId, name: "k", mode: "live", scopes: ["all"] }, options),
    await createApiKey({ tenantId, name: "k", mode: "live", scopes: [] }, options),
    await createApiKey(
      { tenantId, name: "k", mode: "live", scopes: ["*"], expiresAtMs: 1 },
      options,
    ),
    await createApiKey(
      { tenantId, name: "k", mode: "live", scopes: ["*"], ipAllowList: ["x"] },
      options,
    ),
    await createTenant({ name: "B", planRevision: "draft@1" }, options),
    await createTenant({ name: "B", planRevision: "none@1" }, options),
    await createTenant({ name: "B", planRevision: "growth@1", tenantId }, options),
    await changeStatus({ tenantId: "ten_none", status: "active" }, options),
    await revokeApiKey({ tenantId, keyId: "key_none" }, options),
  ];
  assertEquals(refusals.map(codeOf), [
    "validation_failed",
    "validation_failed",
    "validation_failed",
    "invalid_budget",
    "invalid_limits",
    "invalid_limits",
    "invalid_scope",
    "invalid_scope",
    "invalid_expiry",
    "invalid_address_range",
    "unknown_plan",
    "unknown_plan",
    "tenant_exists",
    "unknown_tenant",
    "unknown_key",
  ]);
  assertEquals(await deps.tenants.epoch(), epoch);
  assertEquals(await actions(), ["tenant.created"]);
});

Deno.test("two admins who edit one version: the second sees a conflict, nothing is overwritten", async () => {
  using world = await open();
  const { deps, options, tenantId, actions } = world;
  const seen = (await deps.tenants.tenant(tenantId))?.versionstamp ?? "";
  const edit = (name: string) =>
    changeSettings({ tenantId, versionstamp: seen, settings: { name } }, options);
  const [first, second] = await Promise.all([edit("One"), edit("Two")]);
  assertEquals([codeOf(first), codeOf(second)].sort(), ["conflict", "ok"]);
  const winner = first.ok ? "One" : "Two";
  assertEquals((await deps.tenants.tenant(tenantId))?.value.name, winner);
  assertEquals((await actions()).length, 2);
});

Deno.test("changes at the same time without a version all take effect, in one unbroken chain", async () => {
  using world = await open();
  const { deps, options, tenantId, audit } = world;
  const outcomes = await Promise.all([
    changeSettings({ tenantId, settings: { locale: "fr" } }, options),
    changeBudget({ tenantId, budget: { amount: 7n, stop: false } }, options),
    createApiKey({ tenantId, name: "a", mode: "live", scopes: ["*"] }, options),
    createApiKey({ tenantId, name: "b", mode: "live", scopes: ["*"] }, options),
  ]);
  assertEquals(outcomes.map(codeOf), ["ok", "ok", "ok", "ok"]);
  const tenant = (await deps.tenants.tenant(tenantId))?.value;
  assertEquals([tenant?.locale, tenant?.budget?.amount], ["fr", 7n]);
  assertEquals(await verifyAuditChain(audit, tenantId), { intact: true, entries: 5 });
});

Deno.test("a closed tenant stays closed", async () => {
  using world = await open();
  const { options, tenantId } = world;
  assertEquals(codeOf(await changeStatus({ tenantId, status: "closed" }, options)), "ok");
  for (const status of ["active", "past_due", "suspended"] as const) {
    const reopened = await changeStatus({ tenantId, status }, options);
    assertEquals(codeOf(reopened), "status_change_refused");
  }
});

Deno.test("a tenant has at most fifty active keys", async () => {
  using world = await open();
  const { options, tenantId } = world;
  const input = { tenantId, name: "k", mode: "live", scopes: ["*"] } as const;
  const keys = [];
  for (let count = 0; count < 50; count++) keys.push(await createApiKey(input, options));
  assertEquals(codeOf(await createApiKey(input, options)), "too_many_keys");
  const [first] = keys;
  assert(first?.ok);
  await revokeApiKey({ tenantId, keyId: first.value.key.keyId }, options);
  assertEquals(codeOf(await createApiKey(input, options)), "ok");
  const again = await revokeApiKey({ tenantId, keyId: first.value.key.keyId }, options);
  assertEquals(codeOf(again), "key_not_active");
});

Deno.test("another tenant's key, member and invitation ids are unknown, as if absent", async () => {
  using world = await open();
  const { options, tenantId, deps } = world;
  const other = await createTenant({ name: "Other", planRevision: "growth@1" }, options);
  assert(other.ok);
  const foreign = other.value.tenantId;
  const key = await createApiKey({ tenantId, name: "k", mode: "live", scopes: ["*"] }, options);
  const member = await addMember(
    { tenantId, email: "ada@example.com", name: "Ada", role: "viewer" },
    options,
  );
  const invited = await inviteMember(
    { tenantId, email: "bob@example.com", role: "admin" },
    options,
  );
  assert(key.ok && member.ok && invited.ok);
  const { keyId } = key.value.key;
  const { memberId } = member.value;
  const { invitationId } = invited.value.invitation;
  const tried = [
    await revokeApiKey({ tenantId: foreign, keyId }, options),
    await rotateApiKey({ tenantId: foreign, keyId, graceMs: 0 }, options),
    await changeRole({ tenantId: foreign, memberId, role: "owner" }, options),
    await removeMember({ tenantId: foreign, memberId }, options),
    await revokeInvitation({ tenantId: foreign, invitationId }, options),
    await acceptInvitation(
      { tenantId: foreign, invitationId, secret: invited.value.secret, name: "Bob" },
      options,
    ),
  ];
  assertEquals(tried.map(codeOf), [
    "unknown_key",
    "unknown_key",
    "unknown_member",
    "unknown_member",
    "unknown_invitation",
    "unknown_invitation",
  ]);
  assertEquals((await deps.members.members(foreign)).length, 0);
});

Deno.test("an invitation is good once, for its secret, for a week", async () => {
  using world = await open();
  const { clock, options, tenantId } = world;
  const invite = async (email: string) => {
    const invited = await inviteMember({ tenantId, email, role: "admin" }, options);
    assert(invited.ok);
    const { invitation: { invitationId }, secret } = invited.value;
    return { tenantId, invitationId, secret, name: "Bob" };
  };
  const good = await invite("bob@example.com");
  const wrong = await acceptInvitation({ ...good, secret: "guess" }, options);
  assertEquals(codeOf(wrong), "unknown_invitation");
  const uses = await Promise.all(Array.from({ length: 20 }, () => acceptInvitation(good, options)));
  assertEquals(uses.filter(({ ok }) => ok).length, 1);
  const late = await invite("cem@example.com");
  clock.advance(INVITATION_LIFE_MS);
  assertEquals(codeOf(await acceptInvitation(late, options)), "unknown_invitation");
  const again = await inviteMember({ tenantId, email: "BOB@example.com", role: "viewer" }, options);
  assertEquals(codeOf(again), "member_exists");
});

Deno.test("an invitation ends with its sender, and with their right to send it", async () => {
  using world = await open();
  const { deps, options, tenantId, actions } = world;
  const owners: string[] = [];
  for (const email of ["a@b.co", "c@d.co", "e@f.co"]) {
    const added = await addMember({ tenantId, email, name: "Owner", role: "owner" }, options);
    assert(added.ok);
    owners.push(added.value.memberId);
  }
  const [stays = "", leaves = "", demoted = ""] = owners;
  const invite = async (memberId: string, role: "owner" | "viewer") => {
    const act = { ...ACT, actor: { kind: "member", id: memberId } } as const;
    const email = `${role}-of-${memberId}@example.com`;
    const invited = await inviteMember({ tenantId, email, role }, { deps, act });
    assert(invited.ok);
    const { invitation: { invitationId }, secret } = invited.value;
    return { tenantId, invitationId, secret, name: "Invited" };
  };
  const ofWhoStays = await invite(stays, "owner");
  const ofWhoLeaves = [await invite(leaves, "viewer"), await invite(leaves, "owner")];
  const fromAbove = await invite(demoted, "owner");
  const ofAnAdmin = await invite(demoted, "viewer");
  assertEquals(codeOf(await removeMember({ tenantId, memberId: leaves }, options)), "ok");
  const down = await changeRole({ tenantId, memberId: demoted, role: "admin" }, options);
  assertEquals(codeOf(down), "ok");
  const outcomes = [];
  for (const one of [...ofWhoLeaves, fromAbove, ofAnAdmin, ofWhoStays]) {
    outcomes.push(codeOf(await acceptInvitation(one, options)));
  }
  const gone = "unknown_invitation";
  assertEquals(outcomes, [gone, gone, gone, "ok", "ok"]);
  const told = (await actions()).filter((action) => action === "invitation.revoked");
  assertEquals(told.length, 3, "each is on record");
});

Deno.test("the last owner can be neither demoted nor removed", async () => {
  using world = await open();
  const { options, tenantId } = world;
  const ada = await addMember({ tenantId, email: "a@b.co", name: "Ada", role: "owner" }, options);
  assert(ada.ok);
  const id = { tenantId, memberId: ada.value.memberId };
  assertEquals(codeOf(await changeRole({ ...id, role: "admin" }, options)), "last_owner");
  assertEquals(codeOf(await removeMember(id, options)), "last_owner");
  await addMember({ tenantId, email: "c@d.co", name: "Cem", role: "owner" }, options);
  assertEquals(codeOf(await removeMember(id, options)), "ok");
});

Deno.test("two owners who demote each other at once leave one of them an owner", async () => {
  using world = await open();
  const { deps, options, tenantId } = world;
  const owners = [];
  for (const email of ["a@b.co", "c@d.co"]) {
    const added = await addMember({ tenantId, email, name: "Owner", role: "owner" }, options);
    assert(added.ok);
    owners.push(added.value.memberId);
  }
  const outcomes = await Promise.all(
    owners.map((memberId) => changeRole({ tenantId, memberId, role: "viewer" }, options)),
  );
  assertEquals(outcomes.filter(({ ok }) => ok).length, 1);
  const left = (await deps.members.members(tenantId)).filter(({ role }) => role === "owner");
  assertEquals(left.length, 1);
});

Deno.test("roles permit what they say and nothing more", () => {
  assertEquals([mayDo("owner", "manage_members"), mayDo("admin", "manage_members")], [true, false]);
  assertEquals([mayDo("admin", "manage_keys"), mayDo("viewer", "manage_keys")], [true, false]);
  assertEquals(mayDo("viewer", "view"), true);
  assertEquals([codeOf(parseRole("admin")), codeOf(parseRole("root"))], [
    "ok",
    "validation_failed",
  ]);
});

type Tamper = (world: Awaited<ReturnType<typeof open>>, entry: AuditEntry) => Promise<unknown>;

const TAMPERS: Record<string, { how: Tamper; found: string }> = {
  "a changed value": {
    how: ({ kv, tenantId }, entry) =>
      kv.set(auditEntryKey(tenantId, 3), { ...entry, actor: { kind: "operator", id: "eve" } }),
    found: "changed_entry",
  },
  "a changed value with its own hash made to fit": {
    how: ({ kv, tenantId }, entry) =>
      kv.set(auditEntryKey(tenantId, 3), { ...entry, previousHash: "0".repeat(64) }),
    found: "broken_link",
  },
  "a removed entry": {
    how: ({ kv, tenantId }) => kv.delete(auditEntryKey(tenantId, 3)),
    found: "missing_entry",
  },
  "a removed end": {
    how: ({ kv, tenantId }) => kv.delete(auditEntryKey(tenantId, 6)),
    found: "missing_entry",
  },
  "an end cut off together with the count": {
    how: async ({ kv, tenantId }) => {
      const head = await kv.get<{ sequence: number; hash: string }>(auditHeadKey(tenantId));
      await kv.delete(auditEntryKey(tenantId, 6));
      await kv.set(auditHeadKey(tenantId), { ...head.value, sequence: 5 });
    },
    found: "cut_off",
  },
  "a row of another chain put in": {
    how: ({ kv, tenantId }, entry) =>
      kv.set(auditEntryKey(tenantId, 3), { ...entry, chain: "other" }),
    found: "missing_entry",
  },
};

for (const [name, { how, found }] of Object.entries(TAMPERS)) {
  Deno.test(`verifying the audit chain finds ${name}`, async () => {
    using world = await open();
    const { options, tenantId, audit } = world;
    for (const amount of [1n, 2n, 3n, 4n, 5n]) {
      await changeBudget({ tenantId, budget: { amount, stop: true } }, options);
    }
    assertEquals((await verifyAuditChain(audit, tenantId)).intact, true);
    const [entry] = await audit.chain({ chain: tenantId, fromSequence: 3, limit: 1 });
    assert(entry !== undefined);
    await how(world, entry);
    const verdict = await verifyAuditChain(audit, tenantId);
    assertEquals(verdict.intact ? "" : verdict.reason, found);
  });
}

Deno.test("audit pages go back in time without gap or repeat", async () => {
  using world = await open();
  const { options, tenantId, audit } = world;
  for (let amount = 1n; amount <= 9n; amount++) {
    await changeBudget({ tenantId, budget: { amount, stop: true } }, options);
  }
  const seen: number[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 10; page++) {
    const found = await audit.entries({
      chain: tenantId,
      limit: 4,
      ...(cursor === undefined ? {} : { cursor }),
    });
    seen.push(...found.items.map(({ sequence }) => sequence));
    if (found.cursor === null) break;
    cursor = found.cursor;
  }
  assertEquals(seen, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
});

function plainTenant(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
