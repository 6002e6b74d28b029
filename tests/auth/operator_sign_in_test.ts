/** How operators, and members by OpenID Connect, get a session. */
import { assert, assertEquals } from "@std/assert";
import { createAttempts } from "@/lib/auth/attempts.ts";
import { signInByIdentity } from "@/lib/auth/identity_sign_in.ts";
import { noteEndedImpersonations } from "@/lib/auth/impersonations.ts";
import { createOperatorSignIn, type Visit } from "@/lib/auth/operator_sign_in.ts";
import { endOperatorSession, endOtherSessions } from "@/lib/auth/operator_sessions.ts";
import { operatorStanding } from "@/lib/auth/operator_token.ts";
import { createPasskeys } from "@/lib/auth/passkeys.ts";
import { createSessions, IMPERSONATION_SESSION, type StartedSession } from "@/lib/auth/session.ts";
import { STEP_UP_MS } from "@/lib/auth/step_up.ts";
import type { Result } from "@/lib/domain/result.ts";
import { createKvAuditLog } from "@/lib/kv/audit_store.ts";
import { createKvMemberStore } from "@/lib/kv/member_store.ts";
import {
  createKvAttemptStore,
  createKvOneTimeStore,
  createKvPasskeyStore,
  createKvSessionStore,
} from "@/lib/kv/session_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import type { Member } from "@/lib/ports/members.ts";
import { FixedClock } from "@/tests/support/fixed_effects.ts";
import { MemoryKv } from "@/tests/support/memory_kv.ts";
import { sampleTenant } from "@/tests/support/samples.ts";
import { seededIds } from "@/tests/support/seeded_ids.ts";
import { createSoftAuthenticator } from "@/tests/support/soft_authenticator.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";
const ORIGIN = "https://meter.example.com";
const VISIT: Visit = { ip: "203.0.113.1", userAgent: "test", requestId: "req_1" };
const ADA: Member = {
  memberId: "mem_ada",
  tenantId: "ten_a",
  email: "ada@example.com",
  name: "Ada",
  role: "owner",
  createdAtMs: 0,
  lastSignInAtMs: null,
};

function open() {
  const kv = new MemoryKv();
  const clock = new FixedClock();
  const ids = seededIds();
  const oneTime = createKvOneTimeStore(kv, () => clock.nowMs());
  const people = { operatorToken: TOKEN, operatorEmails: ["ops@example.com", "ada", "eve"] };
  const operators = operatorStanding(people);
  const store = createKvSessionStore(kv);
  const sessions = createSessions({ store, clock, ids, operators });
  const passkeys = createPasskeys({
    store: createKvPasskeyStore(kv),
    oneTime,
    clock,
    origin: ORIGIN,
  });
  const audit = createKvAuditLog(kv);
  const members = createKvMemberStore(kv);
  const tenants = createKvTenantStore(kv);
  const signIn = createOperatorSignIn({
    sessions,
    sessionStore: store,
    passkeys,
    oneTime,
    attempts: createAttempts({ store: createKvAttemptStore(kv), clock }),
    audit,
    clock,
    ids,
    operatorToken: TOKEN,
    operators,
  });
  /** The same store after a start with other people. */
  const restarted = (change: Partial<typeof people>) =>
    createSessions({ store, clock, ids, operators: operatorStanding({ ...people, ...change }) });
  const look = () => noteEndedImpersonations({ sessions, sessionStore: store, clock });
  return { look, clock, sessions, passkeys, audit, members, tenants, signIn, restarted };
}

function outcome(result: Result<StartedSession>): string {
  if (!result.ok) return result.error.code;
  const { owner } = result.value.session;
  return owner.kind === "operator" ? owner.operatorId : `member ${owner.memberId}`;
}

Deno.test("the operator token gives a session, guesses do not, and the eleventh try waits", async () => {
  const { clock, signIn, audit } = open();
  assertEquals(outcome(await signIn.byToken(TOKEN, VISIT)), "operator");
  for (let guess = 0; guess < 9; guess++) {
    assertEquals(outcome(await signIn.byToken(`guess-${guess}`, VISIT)), "sign_in_failed");
  }
  assertEquals(outcome(await signIn.byToken(TOKEN, VISIT)), "rate_limited");
  assertEquals(outcome(await signIn.byToken(TOKEN, { ...VISIT, ip: "203.0.113.2" })), "operator");
  clock.advance(15 * 60_000);
  assertEquals(outcome(await signIn.byToken(TOKEN, VISIT)), "operator");
  const rows = await audit.entries({ chain: OPERATOR_CHAIN, limit: 10 });
  assertEquals(rows.items.map(({ action }) => action), Array(3).fill("operator.signed_in"));
});

Deno.test("a passkey signs in the operator it was registered for", async () => {
  const { passkeys, signIn } = open();
  const device = await createSoftAuthenticator({ origin: ORIGIN, rpId: "meter.example.com" });
  const operator = { operatorId: "ops@example.com", name: "Ops" };
  const { challenge } = await passkeys.beginRegistration(operator);
  await passkeys.finishRegistration(await device.register(challenge), operator);
  const asked = await passkeys.beginSignIn();
  const result = await signIn.byPasskey(await device.signIn(asked.challenge), VISIT);
  assertEquals(outcome(result), "ops@example.com");
});

Deno.test("a passkey ends with its operator's place on the list", async () => {
  const { passkeys, signIn } = open();
  const device = await createSoftAuthenticator({ origin: ORIGIN, rpId: "meter.example.com" });
  const former = { operatorId: "former@example.com", name: "Former" };
  const { challenge } = await passkeys.beginRegistration(former);
  await passkeys.finishRegistration(await device.register(challenge), former);
  const asked = await passkeys.beginSignIn();
  const result = await signIn.byPasskey(await device.signIn(asked.challenge), VISIT);
  assertEquals(outcome(result), "sign_in_failed");
});

Deno.test("a provider vouches only for the operators that are listed", async () => {
  const { signIn } = open();
  const identity = (email: string) => ({ subject: "s", email, name: null, provenAtMs: 0 });
  assertEquals(
    outcome(await signIn.byIdentity(identity("ops@example.com"), VISIT)),
    "ops@example.com",
  );
  assertEquals(
    outcome(await signIn.byIdentity(identity("eve@example.com"), VISIT)),
    "sign_in_failed",
  );
});

Deno.test("a sandbox link signs in once, within its time", async () => {
  const { clock, signIn } = open();
  const secret = await signIn.issueLink(1_000);
  const uses = await Promise.all([1, 2, 3].map(() => signIn.byLink(secret, VISIT)));
  assertEquals(uses.map(outcome).sort(), [
    "operator",
    "sign_in_link_invalid",
    "sign_in_link_invalid",
  ]);
  const late = await signIn.issueLink(1_000);
  clock.advance(1_000);
  assertEquals(outcome(await signIn.byLink(late, VISIT)), "sign_in_link_invalid");
});

Deno.test("impersonation is short, needs a fresh proof, and stands in the tenant's log", async () => {
  const { clock, signIn, sessions, audit } = open();
  const operator = await signIn.byToken(TOKEN, VISIT);
  assert(operator.ok);
  const started = await signIn.impersonate(operator.value.session, {
    member: ADA,
    reason: "Ticket 7",
    visit: VISIT,
  });
  assert(started.ok);
  assertEquals(started.value.session.impersonatedBy, "operator");
  const [row] = (await audit.entries({ chain: "ten_a", limit: 1 })).items;
  assertEquals([row?.action, row?.actor.id, row?.subject, row?.after], [
    "member.impersonated",
    "operator",
    "mem_ada",
    { reason: "Ticket 7" },
  ]);
  const [own] = (await audit.entries({ chain: OPERATOR_CHAIN, limit: 1 })).items;
  assertEquals([own?.action, own?.actor.id, own?.subject, own?.after], [
    "operator.impersonated_member",
    "operator",
    "mem_ada",
    { tenantId: "ten_a", reason: "Ticket 7" },
  ], "the operators' own log says so too");
  const mute = await signIn.impersonate(operator.value.session, {
    member: ADA,
    reason: " ",
    visit: VISIT,
  });
  assertEquals(outcome(mute), "reason_missing");
  const again = await signIn.impersonate(started.value.session, {
    member: ADA,
    reason: "Ticket 7",
    visit: VISIT,
  });
  assertEquals(outcome(again), "role_insufficient");
  clock.advance(STEP_UP_MS);
  const stale = await signIn.impersonate(operator.value.session, {
    member: ADA,
    reason: "Ticket 7",
    visit: VISIT,
  });
  assertEquals(outcome(stale), "step_up_required");
  clock.advance(IMPERSONATION_SESSION.idleMs - STEP_UP_MS);
  assertEquals(await sessions.resolve(started.value.secret), null);
});

Deno.test("an impersonation that is ended is over at once, and its end is in the tenant's log", async () => {
  const { signIn, sessions, audit } = open();
  const operator = await signIn.byToken(TOKEN, VISIT);
  assert(operator.ok);
  const { session } = operator.value;
  const started = await signIn.impersonate(session, { member: ADA, reason: "Why", visit: VISIT });
  assert(started.ok);
  const own = await signIn.endImpersonation(session, VISIT);
  assertEquals(own.ok ? "" : own.error.code, "role_insufficient");
  assert((await signIn.endImpersonation(started.value.session, VISIT)).ok);
  assertEquals(await sessions.resolve(started.value.secret), null);
  const { items } = await audit.entries({ chain: "ten_a", limit: 5 });
  assertEquals(items.map(({ action }) => action), [
    "member.impersonation_ended",
    "member.impersonated",
  ]);
});

for (const [end, word] of [["time", "idle"], ["the operator's own session", "sign out"]] as const) {
  Deno.test(`an impersonation that ends with ${end} has one closing row, however often and by whom it is looked for`, async () => {
    const { look, clock, signIn, sessions, audit } = open();
    const operator = await signIn.byToken(TOKEN, VISIT);
    assert(operator.ok);
    const { session } = operator.value;
    const started = await signIn.impersonate(session, { member: ADA, reason: "Why", visit: VISIT });
    assert(started.ok);
    const rows = async () => {
      const { items } = await audit.entries({ chain: "ten_a", limit: 9 });
      return items.filter(({ action }) => action === "member.impersonation_ended");
    };
    clock.advance(IMPERSONATION_SESSION.idleMs - 1);
    assertEquals([await look(), await rows()], [0, []], "it lasts");
    // A visit, then a session under a new secret: still the same impersonation.
    const visited = await sessions.resolve(started.value.secret);
    assert(visited !== null);
    const renewed = await sessions.prove(visited);
    clock.advance(1);
    assertEquals(await look(), 0);
    if (word === "idle") clock.advance(IMPERSONATION_SESSION.absoluteMs);
    else await sessions.end(session);
    assertEquals(await sessions.resolve(renewed.secret), null);
    const looks = await Promise.all([look(), look(), look()]);
    assertEquals(looks.reduce((sum, noted) => sum + noted, 0), 1);
    assertEquals(await look(), 0);
    const [row, ...others] = await rows();
    assertEquals(others, []);
    assertEquals([row?.actor, row?.subject], [{ kind: "operator", id: "operator" }, "mem_ada"]);
    assertEquals((row?.after as { how?: string }).how, "by_itself");
  });
}

Deno.test("an impersonation that was ended by a click has no second closing row", async () => {
  const { look, clock, signIn, audit } = open();
  const operator = await signIn.byToken(TOKEN, VISIT);
  assert(operator.ok);
  const visit = { member: ADA, reason: "Why", visit: VISIT };
  const started = await signIn.impersonate(operator.value.session, visit);
  assert(started.ok);
  await Promise.all([look(), signIn.endImpersonation(started.value.session, VISIT), look()]);
  await signIn.endImpersonation(started.value.session, VISIT);
  clock.advance(IMPERSONATION_SESSION.absoluteMs);
  await look();
  const { items } = await audit.entries({ chain: "ten_a", limit: 9 });
  assertEquals(items.filter(({ action }) => action === "member.impersonation_ended").length, 1);
});

Deno.test("nobody looks through a member's eyes without a session as operator", async () => {
  const { signIn, sessions, restarted } = open();
  const asAda = async () => {
    const operator = await sessions.start({
      owner: { kind: "operator", operatorId: "ops@example.com" },
      method: "passkey",
      ip: null,
      userAgent: null,
    });
    const { session } = operator;
    const seen = await signIn.impersonate(session, { member: ADA, reason: "Why", visit: VISIT });
    assert(seen.ok);
    return { operator, seen: seen.value };
  };
  const first = await asAda();
  assert(await sessions.resolve(first.seen.secret) !== null);
  assertEquals(await restarted({ operatorEmails: [] }).resolve(first.seen.secret), null);
  await sessions.end(first.operator.session);
  assertEquals(await sessions.resolve(first.seen.secret), null, "signed out, or ended by another");
  assertEquals(await sessions.isOpen(first.seen.session), false, "and its live stream with it");
  assertEquals(await sessions.list(first.seen.session.owner), []);
});

Deno.test("an operator who is taken off the list has no session after the restart", async () => {
  const { sessions, restarted } = open();
  const started = await sessions.start({
    owner: { kind: "operator", operatorId: "ops@example.com" },
    method: "oidc",
    ip: null,
    userAgent: null,
  });
  assert(await restarted({}).resolve(started.secret) !== null, "a restart alone ends none");
  const without = restarted({ operatorEmails: ["eve"] });
  assertEquals(await without.resolve(started.secret), null);
  assertEquals(await without.isOpen(started.session), false);
  assertEquals(await without.listOperators(), []);
});

Deno.test("a new operator token ends the sessions that the old one gave, and no others", async () => {
  const { signIn, sessions, restarted } = open();
  const byToken = await signIn.byToken(TOKEN, VISIT);
  const byLink = await signIn.byLink(await signIn.issueLink(60_000), VISIT);
  const byPasskey = await sessions.start({
    owner: { kind: "operator", operatorId: "ops@example.com" },
    method: "passkey",
    ip: null,
    userAgent: null,
  });
  assert(byToken.ok && byLink.ok);
  const rotated = restarted({ operatorToken: "another-token-0123456789abcdef" });
  for (const { value } of [byToken, byLink]) {
    assert(await restarted({}).resolve(value.secret) !== null);
    assertEquals(await rotated.resolve(value.secret), null);
  }
  assert(await rotated.resolve(byPasskey.secret) !== null);
});

Deno.test("a provider's person is signed in as the member with that address, never made one", async () => {
  const { clock, members, tenants, sessions } = open();
  const identity = { email: "ada@example.com", provenAtMs: clock.nowMs() - 5_000 };
  for (const tenantId of ["ten_a", "ten_b"]) {
    await tenants.putTenant(sampleTenant({ tenantId }), null);
  }
  const visit = { ip: null, userAgent: null };
  const deps = { clock, members, tenants, sessions };
  const unknown = await signInByIdentity(identity, visit, deps);
  assertEquals(unknown.ok ? "" : unknown.error.code, "sign_in_failed");
  await members.putMember(ADA, null);
  const one = await signInByIdentity(identity, visit, deps);
  assert(one.ok && one.value.kind === "signed_in");
  assertEquals(one.value.member.memberId, "mem_ada");
  assertEquals(one.value.session.provenAtMs, identity.provenAtMs, "not a newer proof than it is");
  await members.putMember({ ...ADA, tenantId: "ten_b", memberId: "mem_2" }, null);
  const several = await signInByIdentity(identity, visit, deps);
  assert(several.ok && several.value.kind === "choose_tenant");
  assertEquals(several.value.choices.map(({ tenantId }) => tenantId), ["ten_a", "ten_b"]);
  const chosen = await signInByIdentity(identity, { ...visit, tenantId: "ten_b" }, deps);
  assert(chosen.ok && chosen.value.kind === "signed_in");
  assertEquals(chosen.value.session.owner, {
    kind: "member",
    tenantId: "ten_b",
    memberId: "mem_2",
  });
  const closed = sampleTenant({ tenantId: "ten_b", status: "closed" });
  const stored = await tenants.tenant("ten_b");
  await tenants.putTenant(closed, stored?.versionstamp ?? null);
  const left = await signInByIdentity(identity, visit, deps);
  assert(left.ok && left.value.kind === "signed_in");
  assertEquals(left.value.member.tenantId, "ten_a");
  const foreign = await signInByIdentity(identity, { ...visit, tenantId: "ten_c" }, deps);
  assertEquals(foreign.ok, false);
});

Deno.test("an operator ends any operator's session: another's with a fresh proof, and on record", async () => {
  const { clock, sessions, signIn, audit } = open();
  const start = (operatorId: string) =>
    sessions.start({
      owner: { kind: "operator", operatorId },
      method: "operator_token",
      ip: VISIT.ip,
      userAgent: null,
    });
  const [ada, adaAlso, eve] = [await start("ada"), await start("ada"), await start("eve")];
  const member = await sessions.start({
    owner: { kind: "member", tenantId: "ten_a", memberId: "mem_ada" },
    method: "magic_link",
    ip: null,
    userAgent: null,
  });
  assertEquals((await sessions.listOperators()).length, 3, "members are not in the list");
  const act = { actor: { kind: "operator", id: "ada" }, ip: VISIT.ip, requestId: "req_1" } as const;
  const deps = { sessions, audit, clock };
  const end = async (sessionId: string) => {
    const ended = await endOperatorSession(deps, {
      sessionId,
      actor: { session: ada.session, act },
    });
    return ended.ok ? "ended" : ended.error.code;
  };
  assertEquals(await end(member.session.sessionId), "unknown_session");
  clock.advance(STEP_UP_MS);
  assertEquals(await end(eve.session.sessionId), "step_up_required");
  assertEquals(await end(adaAlso.session.sessionId), "ended", "one's own needs no proof");
  assertEquals(await sessions.resolve(adaAlso.secret), null);
  clock.advance(-STEP_UP_MS);
  assertEquals(await end(eve.session.sessionId), "ended");
  assertEquals(await sessions.resolve(eve.secret), null);
  assertEquals(await endOtherSessions(deps, { session: ada.session, act }), 0);
  await start("ada");
  assertEquals(await endOtherSessions(deps, { session: ada.session, act }), 1);
  assert(await sessions.resolve(ada.secret) !== null, "this one goes on");
  const { items } = await audit.entries({ chain: OPERATOR_CHAIN, limit: 10 });
  assertEquals(items.map(({ action, subject }) => [action, subject]), [
    ["operator.sessions_ended", "ada"],
    ["operator.session_ended", "eve"],
    ["operator.session_ended", "ada"],
  ]);
  assertEquals(outcome(await signIn.byToken(TOKEN, VISIT)), "operator");
});
