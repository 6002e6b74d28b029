import type { TenantId } from "../domain/tenant.ts";
import type { AuditDraft } from "./audit.ts";
import type { Versioned, WriteOutcome } from "./tenancy.ts";

/** `owner` may do all, `admin` all but members' roles and closing, `viewer` only look. */
export type Role = "owner" | "admin" | "viewer";

/** A person in a tenant. */
export interface Member {
  readonly memberId: string;
  readonly tenantId: TenantId;
  /** Lowercase; one member per address and tenant. */
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAtMs: number;
  readonly lastSignInAtMs: number | null;
}

/** A member to be; ends when it is accepted, revoked or too old. */
export interface Invitation {
  readonly invitationId: string;
  readonly tenantId: TenantId;
  readonly email: string;
  readonly role: Role;
  readonly invitedBy: string;
  /** Hash of the secret in the link. */
  readonly secretHash: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

export interface MemberWrite {
  readonly audit?: AuditDraft;
  /** Another member on whom the decision rests: a conflict when they changed meanwhile. */
  readonly unchanged?: Versioned<Member>;
}

export interface MemberStore {
  member(tenantId: TenantId, memberId: string): Promise<Versioned<Member> | null>;
  /** Ordered by id; a tenant has few. */
  members(tenantId: TenantId): Promise<readonly Member[]>;
  /** Every tenant that a person may sign in to. */
  memberships(email: string): Promise<readonly Member[]>;
  /** `versionstamp: null` creates, and conflicts when the address is a member already. */
  putMember(
    member: Member,
    versionstamp: string | null,
    options?: MemberWrite,
  ): Promise<WriteOutcome>;
  removeMember(member: Versioned<Member>, options?: MemberWrite): Promise<WriteOutcome>;
  invitations(tenantId: TenantId): Promise<readonly Invitation[]>;
  invitation(tenantId: TenantId, invitationId: string): Promise<Versioned<Invitation> | null>;
  putInvitation(invitation: Invitation, audit?: AuditDraft): Promise<WriteOutcome>;
  /** Ends an invitation, and creates the member that it was for, in one commit. */
  endInvitation(
    invitation: Versioned<Invitation>,
    options: { readonly member: Member | null; readonly audit?: AuditDraft },
  ): Promise<WriteOutcome>;
}
