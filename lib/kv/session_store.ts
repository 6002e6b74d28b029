import type {
  AttemptStore,
  OneTimeRecord,
  OneTimeStore,
  OpenImpersonation,
  Passkey,
  PasskeyStore,
  Session,
  SessionOwner,
  SessionStore,
} from "@/lib/ports/sessions.ts";
import { StorageUnavailable } from "@/lib/ports/storage.ts";
import { guardedCommit } from "./guarded_commit.ts";
import {
  attemptsKey,
  oneTimeKey,
  openImpersonationKey,
  openImpersonationsPrefix,
  passkeyKey,
  passkeysPrefix,
  sessionByOwnerKey,
  sessionKey,
  sessionsByOwnerPrefix,
} from "./keys.ts";
import type { KvLike } from "./kv_like.ts";
import { commitMarked } from "./marked_commit.ts";
import { versioned } from "./versioned.ts";

/** Sessions of one owner that are listed. */
const MAX_SESSIONS = 500;
const MAX_PASSKEYS = 500;
const COUNT_TRIES = 20;
const MIN_LIFE_MS = 1_000;

/** Sessions in Deno KV. `expireIn` only sweeps up; the times in the value decide. */
export function createKvSessionStore(kv: KvLike): SessionStore {
  function owned(owner: SessionOwner): Promise<Session[]> {
    return under(ownerParts(owner), { limit: MAX_SESSIONS });
  }

  async function under(
    parts: readonly string[],
    options: { readonly limit?: number },
  ): Promise<Session[]> {
    const found: Session[] = [];
    const selector = { prefix: sessionsByOwnerPrefix(parts) };
    for await (const pointer of kv.list<string>(selector, options)) {
      const session = (await kv.get<Session>(sessionKey(pointer.value))).value;
      if (session !== null) found.push(session);
    }
    return found.sort((a, b) => b.createdAtMs - a.createdAtMs);
  }

  async function endSession(session: Session): Promise<void> {
    await kv.atomic()
      .delete(sessionKey(session.hash))
      .delete(sessionByOwnerKey(ownerParts(session.owner), session.sessionId))
      .commit();
  }

  return {
    sessionByHash: async (hash) => versioned(await kv.get<Session>(sessionKey(hash))),

    sessions: owned,

    operatorSessions: () => under(["operator"], { limit: MAX_SESSIONS }),

    createSession: async (session, replaces) => {
      const life = { expireIn: lifeOf(session.absoluteEndsAtMs - session.createdAtMs) };
      const outcome = await guardedCommit(kv, {
        checks: [{ key: sessionKey(session.hash), versionstamp: null }],
        write: (atomic) => {
          atomic.set(sessionKey(session.hash), session, life).set(
            sessionByOwnerKey(ownerParts(session.owner), session.sessionId),
            session.hash,
            life,
          );
          const opened = impersonationOf(session);
          if (opened !== null) atomic.set(openImpersonationKey(session.sessionId), opened);
          if (replaces === undefined) return atomic;
          atomic.delete(sessionKey(replaces.hash));
          return replaces.sessionId === session.sessionId
            ? atomic
            : atomic.delete(sessionByOwnerKey(ownerParts(replaces.owner), replaces.sessionId));
        },
      });
      if (!outcome.ok) throw new StorageUnavailable("Cannot create a session: its hash is taken");
    },

    touchSession: async (session, versionstamp) => {
      const key = sessionKey(session.hash);
      const life = { expireIn: lifeOf(session.absoluteEndsAtMs - session.lastSeenAtMs) };
      await kv.atomic().check({ key, versionstamp }).set(key, session, life).commit();
    },

    endSession,

    openImpersonations: async (limit) => {
      const found: OpenImpersonation[] = [];
      const selector = { prefix: openImpersonationsPrefix() };
      for await (const { value } of kv.list<OpenImpersonation>(selector, { limit })) {
        found.push(value);
      }
      return found.sort((a, b) => a.startedAtMs - b.startedAtMs);
    },

    closeImpersonation: async (sessionId, audit) => {
      const key = openImpersonationKey(sessionId);
      const { value, versionstamp } = await kv.get<OpenImpersonation>(key);
      if (value === null) return false;
      const outcome = await guardedCommit(kv, {
        checks: [{ key, versionstamp }],
        write: (atomic) => atomic.delete(key),
        audit,
      });
      return outcome.ok;
    },

    endSessions: async (owner, { exceptHash } = {}) => {
      // All of them: "signed out everywhere" must not depend on how many there are.
      const all = await under(ownerParts(owner), {});
      const ended = all.filter(({ hash }) => hash !== exceptHash);
      for (const session of ended) await endSession(session);
      return ended.length;
    },
  };
}

/** One-time secrets in Deno KV: taken by a checked delete, so only one taker succeeds. */
export function createKvOneTimeStore(kv: KvLike, nowMs: () => number): OneTimeStore {
  return {
    put: async (hash, record) => {
      await kv.set(oneTimeKey(hash), record, { expireIn: lifeOf(record.expiresAtMs - nowMs()) });
    },
    peek: async (hash) => versioned(await kv.get<OneTimeRecord>(oneTimeKey(hash))),
    take: async (hash, versionstamp) => {
      const key = oneTimeKey(hash);
      const outcome = await guardedCommit(kv, {
        checks: [{ key, versionstamp }],
        write: (atomic) => atomic.delete(key),
      });
      return outcome.ok;
    },
  };
}

export function createKvAttemptStore(kv: KvLike): AttemptStore {
  return {
    count: async (subject, { startMs, lengthMs }) => {
      const key = attemptsKey(subject, startMs);
      for (let attempt = 0; attempt < COUNT_TRIES; attempt++) {
        const entry = await kv.get<number>(key);
        const count = (entry.value ?? 0) + 1;
        const write = kv.atomic().check(entry).set(key, count, { expireIn: 2 * lengthMs });
        if ((await commitMarked(kv, write)).ok) return count;
      }
      // A storm on one subject: let it count as too many.
      return Number.MAX_SAFE_INTEGER;
    },
  };
}

export function createKvPasskeyStore(kv: KvLike): PasskeyStore {
  return {
    passkey: async (id) => versioned(await kv.get<Passkey>(passkeyKey(id))),
    passkeys: async () => {
      const found: Passkey[] = [];
      const selector = { prefix: passkeysPrefix() };
      for await (const entry of kv.list<Passkey>(selector, { limit: MAX_PASSKEYS })) {
        found.push(entry.value);
      }
      return found;
    },
    putPasskey: async (passkey, versionstamp) => {
      const key = passkeyKey(passkey.credentialId);
      const outcome = await guardedCommit(kv, {
        checks: [{ key, versionstamp }],
        write: (atomic) => atomic.set(key, passkey),
      });
      return outcome.ok;
    },
    removePasskey: async (id) => await kv.delete(passkeyKey(id)),
  };
}

function impersonationOf(
  { sessionId, owner, impersonatedBy, createdAtMs, absoluteEndsAtMs }: Session,
): OpenImpersonation | null {
  if (owner.kind !== "member" || impersonatedBy === null) return null;
  return {
    sessionId,
    tenantId: owner.tenantId,
    memberId: owner.memberId,
    operatorId: impersonatedBy,
    startedAtMs: createdAtMs,
    endsAtMs: absoluteEndsAtMs,
  };
}

function ownerParts(owner: SessionOwner): readonly string[] {
  return owner.kind === "operator"
    ? ["operator", owner.operatorId]
    : ["member", owner.tenantId, owner.memberId];
}

function lifeOf(milliseconds: number): number {
  return Math.max(MIN_LIFE_MS, Math.ceil(milliseconds));
}
