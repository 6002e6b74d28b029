/** Sign-in links and sessions over a real store. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { createAttempts } from "@/lib/auth/attempts.ts";
import { createMagicLinks, LINK_LIFE_MS, type LinkUse } from "@/lib/auth/magic_link.ts";
import { createSessions, MEMBER_SESSION } from "@/lib/auth/session.ts";
import { requireRecentProof, STEP_UP_MS } from "@/lib/auth/step_up.ts";
import { createKvMemberStore } from "@/lib/kv/member_store.ts";
import {
  createKvAttemptStore,
  createKvOneTimeStore,
  createKvSessionStore,
} from "@/lib/kv/session_store.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { createOutboxMailer } from "@/lib/platform/outbox_mailer.ts";
import type { Member } from "@/lib/ports/members.ts";
import { changeRole, removeMember } from "@/lib/tenancy/members.ts";
import { FixedClock, MemoryLogger } from "@/tests/support/fixed_effects.ts";
import { sampleTenant } from "@/tests/support/samples.ts";
import { seededIds } from "@/tests/support/seeded_ids.ts";

const BROWSER = "browser-secret";
const ACT = { actor: { kind: "system", id: "test" }, ip: null, requestId: "req_1" } as const;

const ADA: Member = {
  memberId: "mem_ada",
  tenantId: "ten_a",
  email: "ada@example.com",
  name: "Ada",
  role: "admin",
  createdAtMs: 0,
  lastSignInAtMs: null,
};

const ASKED = { ip: "203.0.113.1", browserSecret: BROWSER, returnTo: "/portal" } as const;

async function open() {
  const kv = await Deno.openKv(":memory:");
  const clock = new FixedClock();
  const ids = seededIds();
  const logger = new MemoryLogger();
  const members = createKvMemberStore(kv);
  const tenants = createKvTenantStore(kv);
  const sessionStore = createKvSessionStore(kv);
  const operators = { isOperator: () => true, tokenMark: "" };
  const sessions = createSessions({ store: sessionStore, clock, ids, operators });
  const mailer = createOutboxMailer({ clock, show: () => {} });
  const links = createMagicLinks({
    members,
    tenants,
    sessions,
    mailer,
    clock,
    ids,
    logger,
    oneTime: createKvOneTimeStore(kv, () => clock.nowMs()),
    attempts: createAttempts({ store: createKvAttemptStore(kv), clock }),
    linkFor: (secret) => `https://meter.example.com/portal/sign-in/confirm?token=${secret}`,
  });
  await tenants.putTenant(sampleTenant(), null);
  await members.putMember(ADA, null);
  return {
    kv,
    clock,
    ids,
    members,
    sessions,
    sessionStore,
    mailer,
    links,
    logger,
    [Symbol.dispose]: () => kv.close(),
  };
}

type World = Awaited<ReturnType<typeof open>>;

async function mailedSecret({ links, mailer }: World, email = "ada@example.com"): Promise<string> {
  const asked = await links.request({ ...ASKED, email });
  assert(asked.ok);
  await asked.value.done;
  return secretOf(mailer.mails(email.trim().toLowerCase())[0]?.text ?? "");
}

function secretOf(text: string): string {
  return /token=([\w-]+)/.exec(text)?.[1] ?? "";
}

function use(secret: string, change: Partial<LinkUse> = {}): LinkUse {
  return { secret, browserSecret: BROWSER, ip: "203.0.113.1", userAgent: "test", ...change };
}

Deno.test("a link signs in once, in the browser that asked for it", async () => {
  using world = await open();
  const secret = await mailedSecret(world, " ADA@Example.com ");
  assertEquals(secret.length, 43);
  const first = await world.links.consume(use(secret));
  assert(first.ok);
  assertEquals(first.value.member.memberId, "mem_ada");
  assertEquals((await world.sessions.resolve(first.value.secret))?.owner, {
    kind: "member",
    tenantId: "ten_a",
    memberId: "mem_ada",
  });
  const second = await world.links.consume(use(secret));
  assertEquals(second.ok ? "" : second.error.code, "sign_in_link_invalid");
});

Deno.test("a link leads where its person was going, and no link says where that is", async () => {
  using world = await open();
  const email = "ada@example.com";
  const returnTo = "/portal/usage?from=2026-03-01";
  const asked = await world.links.request({ ...ASKED, email, returnTo });
  assert(asked.ok);
  await asked.value.done;
  const text = world.mailer.mails(email)[0]?.text ?? "";
  assertEquals(text.includes("usage"), false);
  const used = await world.links.consume(use(secretOf(text)));
  assertEquals(used.ok && used.value.returnTo, returnTo);
  const given = secretOf(await world.links.issue(ADA));
  const byHand = await world.links.consume(use(given));
  assertEquals(byHand.ok && byHand.value.returnTo, null, "nobody was going anywhere");
});

Deno.test("fifty uses of one link at once give one session", async () => {
  using world = await open();
  const secret = await mailedSecret(world);
  const uses = await Promise.all(
    Array.from({ length: 50 }, () => world.links.consume(use(secret))),
  );
  assertEquals(uses.filter(({ ok }) => ok).length, 1);
  const owner = { kind: "member", tenantId: "ten_a", memberId: "mem_ada" } as const;
  assertEquals((await world.sessions.list(owner)).length, 1);
});

Deno.test("a link opened in another browser is refused and not used up", async () => {
  using world = await open();
  const secret = await mailedSecret(world);
  for (const browserSecret of ["other", "", null]) {
    const stolen = await world.links.consume(use(secret, { browserSecret }));
    assertEquals(stolen.ok ? "" : stolen.error.code, "sign_in_link_other_browser");
  }
  assertEquals((await world.links.consume(use(secret))).ok, true);
});

Deno.test("a link ends after ten minutes by the time in its value", async () => {
  using world = await open();
  const secret = await mailedSecret(world);
  world.clock.advance(LINK_LIFE_MS - 1);
  const other = await mailedSecret(world);
  world.clock.advance(1);
  assertEquals((await world.links.consume(use(secret))).ok, false);
  assertEquals((await world.links.consume(use(other))).ok, true);
});

Deno.test("asking for a link tells nobody whether an address is known", async () => {
  using world = await open();
  const known = await world.links.request({ ...ASKED, email: "ada@example.com" });
  // The answer is there before any mail is.
  assertEquals(world.mailer.mails().length, 0);
  const unknown = await world.links.request({ ...ASKED, email: "eve@example.com" });
  assert(known.ok && unknown.ok);
  assertEquals(Object.keys(known.value), Object.keys(unknown.value));
  await Promise.all([known.value.done, unknown.value.done]);
  assertEquals(world.mailer.mails().map(({ to }) => to), ["ada@example.com"]);
});

Deno.test("neither link nor session secret is stored or logged", async () => {
  using world = await open();
  const secret = await mailedSecret(world);
  const started = await world.links.consume(use(secret));
  assert(started.ok);
  const held: unknown[] = [...world.logger.lines];
  for await (const entry of world.kv.list({ prefix: [] })) held.push(entry.key, entry.value);
  const dump = JSON.stringify(held);
  assertEquals(dump.includes(secret), false);
  assertEquals(dump.includes(started.value.secret), false);
  assertEquals(dump.includes(started.value.session.hash), true);
});

Deno.test("a stranger who asks in somebody's name uses up their own links, not that person's", async () => {
  using world = await open();
  const ask = async (ip: string) => {
    const asked = await world.links.request({ ...ASKED, email: "ada@example.com", ip });
    if (asked.ok) await asked.value.done;
    return asked.ok ? "sent" : asked.error.code;
  };
  for (let count = 0; count < 5; count++) assertEquals(await ask("198.51.100.66"), "sent");
  assertEquals(await ask("198.51.100.66"), "rate_limited");
  assertEquals(await ask("203.0.113.1"), "sent", "Ada herself, at home");
  world.clock.advance(15 * 60_000);
  assertEquals(await ask("198.51.100.66"), "sent");
});

Deno.test("one mailbox gets twenty links in a quarter of an hour, from wherever they are asked for", async () => {
  using world = await open();
  const outcomes: string[] = [];
  for (let count = 0; count < 21; count++) {
    const ip = `198.51.100.${count}`;
    const asked = await world.links.request({ ...ASKED, email: "ada@example.com", ip });
    if (asked.ok) await asked.value.done;
    outcomes.push(asked.ok ? "sent" : asked.error.code);
  }
  assertEquals(outcomes, [...Array(20).fill("sent"), "rate_limited"]);
  assertEquals(world.mailer.mails("ada@example.com").length, 20);
});

Deno.test("an address with a line break or without a domain gets no mail", async () => {
  using world = await open();
  for (
    const email of [
      "ada@example.com\nbcc: eve@evil.com",
      "ada",
      "",
      "a@b@c",
      `${"a".repeat(300)}@b.co`,
    ]
  ) {
    const asked = await world.links.request({ ...ASKED, email });
    assertEquals(asked.ok ? "" : asked.error.code, "validation_failed", email);
  }
});

Deno.test("a hostile tenant name stays one line in the mail", async () => {
  using world = await open();
  const tenants = createKvTenantStore(world.kv);
  const found = await tenants.tenant("ten_a");
  assert(found !== null);
  const branding = { ...found.value.branding, displayName: "A\r\nhttps://evil.com/\u0000" };
  await tenants.putTenant({ ...found.value, branding }, found.versionstamp);
  await mailedSecret(world);
  const text = world.mailer.mails()[0]?.text ?? "";
  assertEquals(text.split("\n").some((line) => line.startsWith("https://evil.com")), false);
});

Deno.test("signing in ends the browser's former session, so none can be planted", async () => {
  using world = await open();
  const first = await world.links.consume(use(await mailedSecret(world)));
  assert(first.ok);
  const again = await world.links.consume(
    use(await mailedSecret(world), { replaces: first.value.session }),
  );
  assert(again.ok);
  assertNotEquals(again.value.secret, first.value.secret);
  assertEquals(await world.sessions.resolve(first.value.secret), null);
  assertNotEquals(await world.sessions.resolve(again.value.secret), null);
});

Deno.test("a session ends after its idle time, and after its absolute time however busy", async () => {
  using world = await open();
  const started = await world.links.consume(use(await mailedSecret(world)));
  assert(started.ok);
  const { secret } = started.value;
  world.clock.advance(MEMBER_SESSION.idleMs - 1);
  assertNotEquals(await world.sessions.resolve(secret), null);
  world.clock.advance(MEMBER_SESSION.idleMs - 1);
  assertNotEquals(await world.sessions.resolve(secret), null);
  world.clock.advance(MEMBER_SESSION.idleMs);
  assertEquals(await world.sessions.resolve(secret), null);

  const other = await world.links.consume(use(await mailedSecret(world)));
  assert(other.ok);
  for (
    let passedMs = 0;
    passedMs < MEMBER_SESSION.absoluteMs - 1;
    passedMs += MEMBER_SESSION.idleMs / 2
  ) {
    assertNotEquals(await world.sessions.resolve(other.value.secret), null);
    world.clock.advance(MEMBER_SESSION.idleMs / 2);
  }
  assertEquals(await world.sessions.resolve(other.value.secret), null);
});

Deno.test("a stream that a page reopens by itself keeps no session from falling idle", async () => {
  using world = await open();
  const started = await world.links.consume(use(await mailedSecret(world)));
  assert(started.ok);
  const { secret, session } = started.value;
  world.clock.advance(MEMBER_SESSION.idleMs - 1);
  assertNotEquals(await world.sessions.resolve(secret, { isVisit: false }), null);
  assertEquals(await world.sessions.isOpen(session), true);
  world.clock.advance(1);
  assertEquals(await world.sessions.resolve(secret, { isVisit: false }), null);
  assertEquals(await world.sessions.isOpen(session), false);
});

Deno.test("signing out, ending one session and ending the others each work at once", async () => {
  using world = await open();
  const started = await Promise.all(
    [1, 2, 3].map(() =>
      world.sessions.start({
        owner: { kind: "member", tenantId: "ten_a", memberId: "mem_ada" },
        method: "magic_link",
        ip: null,
        userAgent: null,
      })
    ),
  );
  const [a, b, c] = started;
  assert(a !== undefined && b !== undefined && c !== undefined);
  const { owner } = a.session;
  assertEquals((await world.sessions.list(owner)).length, 3);
  assertEquals((await world.sessions.endOne(owner, b.session.sessionId)).ok, true);
  assertEquals(await world.sessions.resolve(b.secret), null);
  const stranger = { ...owner, memberId: "mem_eve" };
  const foreign = await world.sessions.endOne(stranger, c.session.sessionId);
  assertEquals(foreign.ok ? "" : foreign.error.code, "unknown_session");
  assertEquals(await world.sessions.endOthers(owner, a.session), 1);
  assertEquals(await world.sessions.resolve(c.secret), null);
  await world.sessions.end(a.session);
  assertEquals(await world.sessions.resolve(a.secret), null);
  assertEquals(await world.sessions.list(owner), []);
});

Deno.test("a step-up gives the session a new secret and a fresh proof", async () => {
  using world = await open();
  const started = await world.links.consume(use(await mailedSecret(world)));
  assert(started.ok);
  world.clock.advance(STEP_UP_MS);
  const old = await world.sessions.resolve(started.value.secret);
  assert(old !== null);
  assertEquals(requireRecentProof(old, world.clock.nowMs()).ok, false);
  const proven = await world.sessions.prove(old);
  assertEquals(await world.sessions.resolve(started.value.secret), null);
  const now = await world.sessions.resolve(proven.secret);
  assert(now !== null);
  assertEquals(now.sessionId, old.sessionId);
  assertEquals(requireRecentProof(now, world.clock.nowMs()).ok, true);
  assertEquals(requireRecentProof({ ...now, impersonatedBy: "op" }, world.clock.nowMs()).ok, false);
  assertEquals((await world.sessions.list(now.owner)).length, 1);
});

Deno.test("changing a role and removing a member end their sessions", async () => {
  using world = await open();
  const deps = {
    members: world.members,
    sessions: world.sessionStore,
    clock: world.clock,
    ids: world.ids,
  };
  const start = () =>
    world.sessions.start({
      owner: { kind: "member", tenantId: "ten_a", memberId: "mem_ada" },
      method: "magic_link",
      ip: null,
      userAgent: null,
    });
  const id = { tenantId: "ten_a", memberId: "mem_ada" };
  const first = await start();
  assertEquals((await changeRole({ ...id, role: "viewer" }, { deps, act: ACT })).ok, true);
  assertEquals(await world.sessions.resolve(first.secret), null);
  const second = await start();
  assertEquals((await removeMember(id, { deps, act: ACT })).ok, true);
  assertEquals(await world.sessions.resolve(second.secret), null);
  assertEquals(await world.members.memberships("ada@example.com"), []);
});

Deno.test("a cookie that was never given opens nothing", async () => {
  using world = await open();
  for (const secret of ["", "x", "../", "a".repeat(43)]) {
    assertEquals(await world.sessions.resolve(secret), null);
  }
});
