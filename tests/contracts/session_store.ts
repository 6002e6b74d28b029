import { assert, assertEquals } from "@std/assert";
import type {
  AttemptStore,
  OneTimeRecord,
  OneTimeStore,
  Session,
  SessionStore,
} from "@/lib/ports/sessions.ts";

export interface SessionStoreFixture {
  readonly sessions: SessionStore;
  readonly oneTime: OneTimeStore;
  readonly attempts: AttemptStore;
  close(): void;
}

/** What every store behind signing in must do. */
export function testSessionStore(name: string, open: () => Promise<SessionStoreFixture>): void {
  Deno.test(`${name} keeps the sessions of one owner together and others apart`, async () => {
    const { sessions, close } = await open();
    const own = sampleSession({ sessionId: "s1", hash: "h1" });
    const later = sampleSession({ sessionId: "s2", hash: "h2", createdAtMs: 5 });
    const other = sampleSession({
      sessionId: "s3",
      hash: "h3",
      owner: { kind: "operator", operatorId: "mem_1" },
    });
    for (const session of [own, later, other]) await sessions.createSession(session);
    assertEquals(await sessions.sessions(own.owner), [later, own]);
    assertEquals(await sessions.sessions(other.owner), [other]);
    assertEquals((await sessions.sessionByHash("h1"))?.value, own);
    assertEquals(await sessions.endSessions(own.owner, { exceptHash: "h1" }), 1);
    assertEquals(await sessions.sessions(own.owner), [own]);
    await sessions.endSession(own);
    assertEquals(await sessions.sessionByHash("h1"), null);
    assertEquals(await sessions.sessions(other.owner), [other]);
    assertEquals(await sessions.operatorSessions(), [other], "members are none of them");
    close();
  });

  Deno.test(`${name} replaces a session in the same step, also under the same id`, async () => {
    const { sessions, close } = await open();
    const old = sampleSession({ hash: "h1" });
    await sessions.createSession(old);
    const renewed = { ...old, hash: "h2" };
    await sessions.createSession(renewed, old);
    assertEquals(await sessions.sessions(old.owner), [renewed]);
    assertEquals(await sessions.sessionByHash("h1"), null);
    close();
  });

  Deno.test(`${name} does not bring an ended session back by a late touch`, async () => {
    const { sessions, close } = await open();
    const session = sampleSession();
    await sessions.createSession(session);
    const found = await sessions.sessionByHash(session.hash);
    assert(found !== null);
    await sessions.endSession(session);
    await sessions.touchSession({ ...session, lastSeenAtMs: 9 }, found.versionstamp);
    assertEquals(await sessions.sessionByHash(session.hash), null);
    close();
  });

  Deno.test(`${name} gives a one-time secret to exactly one taker`, async () => {
    const { oneTime, close } = await open();
    const record: OneTimeRecord = {
      kind: "sign_in_link",
      expiresAtMs: Number.MAX_SAFE_INTEGER / 2,
      browserHash: null,
      data: { a: "b" },
    };
    await oneTime.put("h", record);
    const found = await oneTime.peek("h");
    assert(found !== null);
    assertEquals(found.value, record);
    const takes = await Promise.all(
      Array.from({ length: 20 }, () => oneTime.take("h", found.versionstamp)),
    );
    assertEquals(takes.filter((taken) => taken).length, 1);
    assertEquals(await oneTime.peek("h"), null);
    close();
  });

  Deno.test(`${name} counts attempts of a subject in a slot, and none of another`, async () => {
    const { attempts, close } = await open();
    const slot = { startMs: 0, lengthMs: 60_000 };
    assertEquals(await attempts.count("a", slot), 1);
    assertEquals(await attempts.count("a", slot), 2);
    assertEquals(await attempts.count("b", slot), 1);
    assertEquals(await attempts.count("a", { ...slot, startMs: 60_000 }), 1);
    const many = await Promise.all([1, 2, 3].map(() => attempts.count("c", slot)));
    assertEquals(many.sort(), [1, 2, 3]);
    close();
  });
}

export function sampleSession(change: Partial<Session> = {}): Session {
  return {
    sessionId: "s1",
    hash: "h1",
    owner: { kind: "member", tenantId: "ten_a", memberId: "mem_1" },
    method: "magic_link",
    createdAtMs: 0,
    lastSeenAtMs: 0,
    idleEndsAtMs: 1_000_000,
    absoluteEndsAtMs: 2_000_000,
    provenAtMs: 0,
    ip: null,
    userAgent: null,
    impersonatedBy: null,
    ...change,
  };
}
