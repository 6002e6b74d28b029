import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { Session, SessionOwner, SessionStore, SignInMethod } from "@/lib/ports/sessions.ts";
import { hashSecret, newSecret } from "./secret.ts";

export interface SessionLimits {
  readonly idleMs: number;
  readonly absoluteMs: number;
}

const HOUR_MS = 3_600_000;

/** A member is asked to sign in again after a day without a visit, or after two weeks. */
export const MEMBER_SESSION: SessionLimits = {
  idleMs: 24 * HOUR_MS,
  absoluteMs: 14 * 24 * HOUR_MS,
};
const OPERATOR_SESSION: SessionLimits = { idleMs: HOUR_MS, absoluteMs: 12 * HOUR_MS };
export const IMPERSONATION_SESSION: SessionLimits = { idleMs: HOUR_MS / 4, absoluteMs: HOUR_MS };

/** A visit is noted at most this often, to spare writes. */
const TOUCH_EVERY_MS = 60_000;

export interface SignIn {
  readonly owner: SessionOwner;
  readonly method: SignInMethod;
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** The operator's own session, where it is an operator who looks through a member's eyes. */
  readonly impersonatedIn?: Session;
  /** When the person proved who they are, where that was before now. */
  readonly provenAtMs?: number;
  /** A session of this browser that ends with the sign-in, so that none can be fixed beforehand. */
  readonly replaces?: Session | null;
}

export interface StartedSession {
  readonly session: Session;
  /** The cookie's value; known to the browser alone. */
  readonly secret: string;
}

/** Who is an operator now; it may change from one start of the process to the next. */
export interface OperatorStanding {
  readonly isOperator: (operatorId: string) => boolean;
  /** Names the operator token of now: a session that an earlier one gave is over. */
  readonly tokenMark: string;
}

export interface SessionsDeps {
  readonly store: SessionStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly operators: OperatorStanding;
}

export interface Sessions {
  start(signIn: SignIn): Promise<StartedSession>;
  /**
   * The living session of a cookie, or null; notes the visit, unless nobody visits: a stream that a
   * page reopens by itself must not keep its session from falling idle. Who is no operator any more
   * has none, and nobody looks through a member's eyes without a session as operator.
   */
  resolve(secret: string, options?: { readonly isVisit?: boolean }): Promise<Session | null>;
  /** Whether a session that was resolved is still alive; not a visit. */
  isOpen(session: Session): Promise<boolean>;
  /** The same session under a new secret, proven just now: after a step-up. */
  prove(session: Session): Promise<StartedSession>;
  list(owner: SessionOwner): Promise<readonly Session[]>;
  /** Living ones of all operators, last seen first. */
  listOperators(): Promise<readonly Session[]>;
  end(session: Session): Promise<void>;
  /** Error: `unknown_session`, also for somebody else's. */
  endOne(owner: SessionOwner, sessionId: string): Promise<Result<Session>>;
  /** Ends all but the one given; returns how many. */
  endOthers(owner: SessionOwner, current: Session | null): Promise<number>;
}

export function createSessions({ store, clock, ids, operators }: SessionsDeps): Sessions {
  async function isLiving(session: Session, nowMs: number): Promise<boolean> {
    if (nowMs >= session.idleEndsAtMs || nowMs >= session.absoluteEndsAtMs) return false;
    const { owner, impersonatedBy, impersonatedIn, tokenMark } = session;
    if (owner.kind === "operator") {
      return operators.isOperator(owner.operatorId) &&
        (tokenMark === undefined || tokenMark === operators.tokenMark);
    }
    if (impersonatedBy === null) return true;
    const theirs = await list({ kind: "operator", operatorId: impersonatedBy });
    return theirs.some(({ sessionId }) => sessionId === impersonatedIn);
  }

  async function living(sessions: readonly Session[]): Promise<readonly Session[]> {
    const nowMs = clock.nowMs();
    const alive = await Promise.all(sessions.map((session) => isLiving(session, nowMs)));
    return sessions.filter((_, at) => alive[at]);
  }

  async function start(signIn: SignIn): Promise<StartedSession> {
    const nowMs = clock.nowMs();
    const secret = newSecret(ids);
    const limits = limitsOf(signIn);
    const session: Session = {
      sessionId: ids.next("ses"),
      hash: hashSecret(secret),
      owner: signIn.owner,
      method: signIn.method,
      createdAtMs: nowMs,
      lastSeenAtMs: nowMs,
      idleEndsAtMs: nowMs + limits.idleMs,
      absoluteEndsAtMs: nowMs + limits.absoluteMs,
      provenAtMs: Math.min(signIn.provenAtMs ?? nowMs, nowMs),
      ip: signIn.ip,
      userAgent: signIn.userAgent?.slice(0, 300) ?? null,
      ...impersonation(signIn.impersonatedIn),
      ...isByToken(signIn) ? { tokenMark: operators.tokenMark } : {},
    };
    await store.createSession(session, signIn.replaces ?? undefined);
    return { session, secret };
  }

  async function resolve(
    secret: string,
    { isVisit = true }: { readonly isVisit?: boolean } = {},
  ): Promise<Session | null> {
    const found = await store.sessionByHash(hashSecret(secret));
    const nowMs = clock.nowMs();
    if (found === null || !await isLiving(found.value, nowMs)) return null;
    if (!isVisit || nowMs - found.value.lastSeenAtMs < TOUCH_EVERY_MS) return found.value;
    const idleEndsAtMs = nowMs + limitsOf(found.value).idleMs;
    const touched = { ...found.value, lastSeenAtMs: nowMs, idleEndsAtMs };
    await store.touchSession(touched, found.versionstamp);
    return touched;
  }

  async function prove(session: Session): Promise<StartedSession> {
    const secret = newSecret(ids);
    const proven = { ...session, hash: hashSecret(secret), provenAtMs: clock.nowMs() };
    await store.createSession(proven, session);
    return { session: proven, secret };
  }

  async function list(owner: SessionOwner): Promise<readonly Session[]> {
    return await living(await store.sessions(owner));
  }

  return {
    start,
    resolve,
    isOpen: async ({ hash }) => {
      const found = await store.sessionByHash(hash);
      return found !== null && await isLiving(found.value, clock.nowMs());
    },
    prove,
    list,
    listOperators: async () =>
      (await living(await store.operatorSessions()))
        .toSorted((a, b) => b.lastSeenAtMs - a.lastSeenAtMs),
    end: (session) => store.endSession(session),
    endOne: async (owner, sessionId) => {
      const session = (await store.sessions(owner)).find((own) => own.sessionId === sessionId);
      if (session === undefined) {
        return refuse({ code: "unknown_session", detail: "There is no such session" });
      }
      await store.endSession(session);
      return accept(session);
    },
    endOthers: (owner, current) =>
      store.endSessions(owner, current === null ? {} : { exceptHash: current.hash }),
  };
}

function impersonation(
  operator: Session | undefined,
): Pick<Session, "impersonatedBy" | "impersonatedIn"> {
  if (operator === undefined || operator.owner.kind !== "operator") return { impersonatedBy: null };
  return { impersonatedBy: operator.owner.operatorId, impersonatedIn: operator.sessionId };
}

/** The sandbox's link stands for the token that it was printed beside. */
function isByToken({ owner, method }: Pick<Session, "owner" | "method">): boolean {
  return owner.kind === "operator" && (method === "operator_token" || method === "magic_link");
}

function limitsOf({ owner, method }: Pick<Session, "owner" | "method">): SessionLimits {
  if (method === "impersonation") return IMPERSONATION_SESSION;
  return owner.kind === "operator" ? OPERATOR_SESSION : MEMBER_SESSION;
}
