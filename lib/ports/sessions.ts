import type { TenantId } from "../domain/tenant.ts";
import type { AuditDraft } from "./audit.ts";
import type { Versioned } from "./tenancy.ts";

export type SessionOwner =
  | { readonly kind: "member"; readonly tenantId: TenantId; readonly memberId: string }
  | { readonly kind: "operator"; readonly operatorId: string };

export type SignInMethod = "magic_link" | "oidc" | "passkey" | "operator_token" | "impersonation";

/** A signed-in browser. Found by the hash of its cookie; the cookie itself is not stored. */
export interface Session {
  readonly sessionId: string;
  /** Lowercase hex SHA-256 of the cookie's secret. */
  readonly hash: string;
  readonly owner: SessionOwner;
  readonly method: SignInMethod;
  readonly createdAtMs: number;
  readonly lastSeenAtMs: number;
  readonly idleEndsAtMs: number;
  readonly absoluteEndsAtMs: number;
  /** When the person last proved who they are; step-up looks at it. */
  readonly provenAtMs: number;
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** The operator behind it, while impersonating a member. */
  readonly impersonatedBy: string | null;
  /** That operator's session, with which this one ends. */
  readonly impersonatedIn?: string;
  /** Of the operator token that gave it; absent where another proof did. */
  readonly tokenMark?: string;
}

/** An impersonation that began and whose end the tenant's log does not show yet. */
export interface OpenImpersonation {
  readonly sessionId: string;
  readonly tenantId: TenantId;
  readonly memberId: string;
  readonly operatorId: string;
  readonly startedAtMs: number;
  /** It is over by then, whatever happens. */
  readonly endsAtMs: number;
}

export interface SessionStore {
  /** Ended sessions may still be returned: the use case judges by the times in the value. */
  sessionByHash(hash: string): Promise<Versioned<Session> | null>;
  /** Newest first. */
  sessions(owner: SessionOwner): Promise<readonly Session[]>;
  /** Of all operators, newest first. */
  operatorSessions(): Promise<readonly Session[]>;
  /** Creates, and ends `replaces` in the same commit. */
  createSession(session: Session, replaces?: Session): Promise<void>;
  /** Best effort: a lost touch only ends the session a little earlier. */
  touchSession(session: Session, versionstamp: string): Promise<void>;
  endSession(session: Session): Promise<void>;
  /** Each begins in the commit that creates its session. Oldest first. */
  openImpersonations(limit: number): Promise<readonly OpenImpersonation[]>;
  /** Writes its last row, in one commit with its end: true for exactly one of all callers. */
  closeImpersonation(sessionId: string, audit: AuditDraft): Promise<boolean>;
  /** Ends all of an owner, but for one. Returns how many. */
  endSessions(owner: SessionOwner, options?: { readonly exceptHash?: string }): Promise<number>;
}

/** What a one-time secret stands for. `kind` keeps secrets of one use out of another. */
export interface OneTimeRecord {
  readonly kind:
    | "sign_in_link"
    | "operator_link"
    | "oidc_state"
    | "oidc_identity"
    | "passkey_challenge";
  readonly expiresAtMs: number;
  /** Hash of the secret of the browser that asked; `null` binds to none. */
  readonly browserHash: string | null;
  readonly data: Readonly<Record<string, string>>;
}

export interface OneTimeStore {
  put(hash: string, record: OneTimeRecord): Promise<void>;
  peek(hash: string): Promise<Versioned<OneTimeRecord> | null>;
  /** True for exactly one of all callers. */
  take(hash: string, versionstamp: string): Promise<boolean>;
}

export interface AttemptStore {
  /** Counts one more and returns how many there are now in this slot of time. */
  count(subject: string, slot: { readonly startMs: number; readonly lengthMs: number }): Promise<
    number
  >;
}

/** An operator's passkey (WebAuthn credential). */
export interface Passkey {
  /** Base64url, as the browser gives it. */
  readonly credentialId: string;
  readonly operatorId: string;
  readonly name: string;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | null;
}

export interface PasskeyStore {
  passkey(credentialId: string): Promise<Versioned<Passkey> | null>;
  passkeys(): Promise<readonly Passkey[]>;
  /** False when somebody else wrote it meanwhile. */
  putPasskey(passkey: Passkey, versionstamp: string | null): Promise<boolean>;
  removePasskey(credentialId: string): Promise<void>;
}
