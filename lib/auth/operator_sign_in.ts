import type { AuthenticationResponseJSON } from "@simplewebauthn/server";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { AuditLog, AuditValue } from "@/lib/ports/audit.ts";
import { OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { Member } from "@/lib/ports/members.ts";
import type { OneTimeStore, Session, SessionStore, SignInMethod } from "@/lib/ports/sessions.ts";
import { type Attempts, OPERATOR_SIGN_IN } from "./attempts.ts";
import { endOfImpersonation } from "./impersonations.ts";
import { networkOf } from "./network_of.ts";
import type { OidcIdentity } from "./oidc.ts";
import { TOKEN_OPERATOR_ID } from "./operator_token.ts";
import type { Passkeys } from "./passkeys.ts";
import { hashSecret, newSecret, sameSecret } from "./secret.ts";
import type { OperatorStanding, Sessions, StartedSession } from "./session.ts";
import { requireRecentProof } from "./step_up.ts";

const REASON_LETTERS_MAX = 500;

export interface OperatorSignInDeps {
  readonly sessions: Sessions;
  readonly sessionStore: Pick<SessionStore, "closeImpersonation">;
  readonly passkeys: Passkeys;
  readonly oneTime: OneTimeStore;
  readonly attempts: Attempts;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly operatorToken: string;
  readonly operators: Pick<OperatorStanding, "isOperator">;
}

/** The browser that signs in. */
export interface Visit {
  readonly ip: string;
  readonly userAgent: string | null;
  readonly requestId: string;
  readonly replaces?: Session | null;
}

/** The ways for an operator to get a session. Each success is an audit row of the operator chain. */
export interface OperatorSignIn {
  /** Errors: `sign_in_failed`, `rate_limited`. */
  byToken(token: string, visit: Visit): Promise<Result<StartedSession>>;
  /** Errors: `passkey_invalid`, `rate_limited`, `sign_in_failed` for who is no operator any more. */
  byPasskey(response: AuthenticationResponseJSON, visit: Visit): Promise<Result<StartedSession>>;
  /** Error: `sign_in_failed` for a person who is no operator. */
  byIdentity(identity: OidcIdentity, visit: Visit): Promise<Result<StartedSession>>;
  /** A secret for a link that signs in once, for whoever started the sandbox. */
  issueLink(lifeMs: number): Promise<string>;
  /** Error: `sign_in_link_invalid`. */
  byLink(secret: string, visit: Visit): Promise<Result<StartedSession>>;
  /**
   * A short session as a member, named as the operator's in every audit row; it ends with the
   * operator's own. The tenant reads the reason in its log, and the operators in theirs. Errors: `step_up_required`, `reason_missing`, `role_insufficient` for a
   * session that is not an operator's.
   */
  impersonate(
    operator: Session,
    { member, reason, visit }: { member: Member; reason: string; visit: Visit },
  ): Promise<Result<StartedSession>>;
  /** Ends it before its time. Error: `role_insufficient` for any other session. */
  endImpersonation(session: Session, visit: Visit): Promise<Result<Session>>;
}

export function createOperatorSignIn(deps: OperatorSignInDeps): OperatorSignIn {
  const { sessions, oneTime, clock, ids } = deps;

  async function start(
    operatorId: string,
    { method, visit, provenAtMs }: {
      method: SignInMethod;
      visit: Visit;
      provenAtMs?: number;
    },
  ): Promise<Result<StartedSession>> {
    const started = await sessions.start({
      owner: { kind: "operator", operatorId },
      method,
      ip: visit.ip,
      userAgent: visit.userAgent,
      replaces: visit.replaces ?? null,
      ...provenAtMs === undefined ? {} : { provenAtMs },
    });
    await note(operatorId, {
      chain: OPERATOR_CHAIN,
      action: "operator.signed_in",
      visit,
      subject: operatorId,
    });
    return accept(started);
  }

  async function note(
    operatorId: string,
    { chain, action, subject, visit, after = null }: {
      chain: string;
      action: string;
      subject: string;
      visit: Visit;
      after?: AuditValue;
    },
  ): Promise<void> {
    await deps.audit.append({
      chain,
      atMs: clock.nowMs(),
      actor: { kind: "operator", id: operatorId },
      action,
      subject,
      before: null,
      after,
      ip: visit.ip,
      requestId: visit.requestId,
    });
  }

  return {
    byToken: async (token, visit) => {
      const allowed = await deps.attempts.allow(OPERATOR_SIGN_IN, networkOf(visit.ip));
      if (!allowed.ok) return allowed;
      if (!sameSecret(token, deps.operatorToken)) return failed("This is not the operator token");
      return await start(TOKEN_OPERATOR_ID, { method: "operator_token", visit });
    },

    byPasskey: async (response, visit) => {
      const allowed = await deps.attempts.allow(OPERATOR_SIGN_IN, networkOf(visit.ip));
      if (!allowed.ok) return allowed;
      const passkey = await deps.passkeys.finishSignIn(response);
      if (!passkey.ok) return passkey;
      const { operatorId } = passkey.value;
      // Who is taken off the list loses the passkey too.
      if (!deps.operators.isOperator(operatorId)) {
        return failed(`${operatorId} is not an operator here`);
      }
      return await start(operatorId, { method: "passkey", visit });
    },

    byIdentity: async ({ email, provenAtMs }, visit) => {
      if (!deps.operators.isOperator(email)) return failed(`${email} is not an operator here`);
      return await start(email, { method: "oidc", visit, provenAtMs });
    },

    issueLink: async (lifeMs) => {
      const secret = newSecret(ids);
      const expiresAtMs = clock.nowMs() + lifeMs;
      const record = { kind: "operator_link", expiresAtMs, browserHash: null, data: {} } as const;
      await oneTime.put(hashSecret(secret), record);
      return secret;
    },

    byLink: async (secret, visit) => {
      const hash = hashSecret(secret);
      const found = await oneTime.peek(hash);
      const usable = found !== null && found.value.kind === "operator_link" &&
        clock.nowMs() < found.value.expiresAtMs;
      if (!usable || !await oneTime.take(hash, found.versionstamp)) {
        const detail = "This link was used already or is too old; sign in with the operator token";
        return refuse({ code: "sign_in_link_invalid", detail });
      }
      return await start(TOKEN_OPERATOR_ID, { method: "magic_link", visit });
    },

    impersonate: async (operator, { member, reason, visit }) => {
      if (operator.owner.kind !== "operator") {
        return refuse({ code: "role_insufficient", detail: "Only operators can impersonate" });
      }
      const proof = requireRecentProof(operator, clock.nowMs());
      if (!proof.ok) return proof;
      const why = reason.trim().slice(0, REASON_LETTERS_MAX);
      if (why === "") {
        return refuse({ code: "reason_missing", detail: "Say why; the tenant reads it" });
      }
      const { operatorId } = operator.owner;
      const { tenantId, memberId } = member;
      // Written first: there is no session as a member that both logs do not show.
      await note(operatorId, {
        chain: OPERATOR_CHAIN,
        action: "operator.impersonated_member",
        subject: memberId,
        after: { tenantId, reason: why },
        visit,
      });
      await note(operatorId, {
        chain: tenantId,
        action: "member.impersonated",
        subject: memberId,
        after: { reason: why },
        visit,
      });
      const started = await sessions.start({
        owner: { kind: "member", tenantId, memberId },
        method: "impersonation",
        ip: visit.ip,
        userAgent: visit.userAgent,
        impersonatedIn: operator,
      });
      return accept(started);
    },

    endImpersonation: async (session, visit) => {
      const { owner, impersonatedBy } = session;
      if (owner.kind !== "member" || impersonatedBy === null) {
        return refuse({ code: "role_insufficient", detail: "Nobody is impersonated here" });
      }
      await sessions.end(session);
      const { sessionId, createdAtMs, absoluteEndsAtMs } = session;
      const ended = {
        ...owner,
        sessionId,
        operatorId: impersonatedBy,
        startedAtMs: createdAtMs,
        endsAtMs: absoluteEndsAtMs,
      };
      // Dying before this, the next look writes the row; that it was a click is lost then.
      await deps.sessionStore.closeImpersonation(
        sessionId,
        endOfImpersonation(ended, {
          ip: visit.ip,
          requestId: visit.requestId,
          atMs: clock.nowMs(),
          how: "by_operator",
        }),
      );
      return accept(session);
    },
  };
}

function failed(detail: string): Result<never> {
  return refuse({ code: "sign_in_failed", detail });
}
