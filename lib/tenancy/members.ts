import { parseEmail } from "@/lib/auth/email.ts";
import { hashSecret, newSecret } from "@/lib/auth/secret.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { TenantId } from "@/lib/domain/tenant.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { Invitation, Member, MemberStore, Role } from "@/lib/ports/members.ts";
import type { SessionStore } from "@/lib/ports/sessions.ts";
import type { Versioned } from "@/lib/ports/tenancy.ts";
import { type Act, auditDraft } from "./act.ts";
import { mayInviteAs } from "./roles.ts";
import { parseName } from "./tenant_fields.ts";

export interface MembersDeps {
  readonly members: MemberStore;
  readonly sessions: SessionStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

interface Context {
  readonly deps: MembersDeps;
  readonly act: Act;
}

export const INVITATION_LIFE_MS = 7 * 86_400_000;
const MAX_MEMBERS = 200;

/** For the first owner and for samples; others are invited. Errors: `validation_failed`, `member_exists`. */
export async function addMember(
  input: { tenantId: TenantId; email: string; name: string; role: Role },
  { deps, act }: Context,
): Promise<Result<Member>> {
  const member = newMember(input, deps);
  if (!member.ok) return member;
  const audit = auditDraft(act, {
    chain: input.tenantId,
    atMs: deps.clock.nowMs(),
    action: "member.added",
    subject: member.value.memberId,
    after: member.value,
  });
  const written = await deps.members.putMember(member.value, null, { audit });
  if (written.ok) return member;
  // An id of our own is taken by an earlier attempt of this same act, and by nobody else.
  const mine = await deps.members.member(input.tenantId, member.value.memberId);
  return mine === null ? memberExists() : accept(mine.value);
}

/**
 * The secret goes into the link of the mail. Errors: `validation_failed`, `too_many_members`,
 * `member_exists`, `invitation_exists`.
 */
export async function inviteMember(
  { tenantId, email, role }: { tenantId: TenantId; email: string; role: Role },
  { deps, act }: Context,
): Promise<Result<{ readonly invitation: Invitation; readonly secret: string }>> {
  const address = parseEmail(email);
  if (!address.ok) return address;
  const { members, clock, ids } = deps;
  const nowMs = clock.nowMs();
  const present = await members.members(tenantId);
  const open = (await members.invitations(tenantId)).filter(({ expiresAtMs }) =>
    nowMs < expiresAtMs
  );
  if (present.some((member) => member.email === address.value)) return memberExists();
  if (open.some((invitation) => invitation.email === address.value)) {
    const detail = "This address is invited already; revoke that invitation to send another";
    return refuse({ code: "invitation_exists", detail });
  }
  if (present.length + open.length >= MAX_MEMBERS) {
    const detail = `A tenant has at most ${MAX_MEMBERS} members and open invitations`;
    return refuse({ code: "too_many_members", detail });
  }
  const secret = newSecret(ids);
  const invitation: Invitation = {
    invitationId: ids.next("inv"),
    tenantId,
    email: address.value,
    role,
    invitedBy: act.actor.id,
    secretHash: hashSecret(secret),
    createdAtMs: nowMs,
    expiresAtMs: nowMs + INVITATION_LIFE_MS,
  };
  const audit = auditDraft(act, {
    chain: tenantId,
    atMs: nowMs,
    action: "invitation.created",
    subject: invitation.invitationId,
    after: invitation,
  });
  const written = await members.putInvitation(invitation, audit);
  return written.ok ? accept({ invitation, secret }) : conflict();
}

/** By whoever holds the secret of the mail, once. Errors: `unknown_invitation`, `validation_failed`. */
export async function acceptInvitation(
  input: { tenantId: TenantId; invitationId: string; secret: string; name: string },
  { deps, act }: Context,
): Promise<Result<Member>> {
  const found = await deps.members.invitation(input.tenantId, input.invitationId);
  const nowMs = deps.clock.nowMs();
  const good = found !== null && nowMs < found.value.expiresAtMs &&
    found.value.secretHash === hashSecret(input.secret);
  if (!good) return unknownInvitation();
  const member = newMember({ ...found.value, name: input.name }, deps);
  if (!member.ok) return member;
  const audit = auditDraft({ ...act, actor: { kind: "member", id: member.value.memberId } }, {
    chain: input.tenantId,
    atMs: nowMs,
    action: "invitation.accepted",
    subject: input.invitationId,
    after: member.value,
  });
  const written = await deps.members.endInvitation(found, { member: member.value, audit });
  return written.ok ? member : unknownInvitation();
}

/** Errors: `unknown_invitation`, `conflict`. */
export async function revokeInvitation(
  { tenantId, invitationId }: { tenantId: TenantId; invitationId: string },
  { deps, act }: Context,
): Promise<Result<Invitation>> {
  const found = await deps.members.invitation(tenantId, invitationId);
  if (found === null) return unknownInvitation();
  const audit = auditDraft(act, {
    chain: tenantId,
    atMs: deps.clock.nowMs(),
    action: "invitation.revoked",
    subject: invitationId,
    before: found.value,
  });
  const written = await deps.members.endInvitation(found, { member: null, audit });
  return written.ok ? accept(found.value) : conflict();
}

/**
 * Ends the member's sessions, the new role holds from the next sign-in, and invitations of theirs that
 * the new role could not send. Errors: `unknown_member`, `last_owner`, `conflict`.
 */
export async function changeRole(
  { tenantId, memberId, role, was }: {
    tenantId: TenantId;
    memberId: string;
    role: Role;
    /** The role that the change was decided on; another one by now is a conflict. */
    was?: Role;
  },
  { deps, act }: Context,
): Promise<Result<Member>> {
  const found = await findReplaceable({ tenantId, memberId, staysOwner: role === "owner" }, deps);
  if (!found.ok) return found;
  const { member: { value: before, versionstamp }, otherOwner } = found.value;
  if (was !== undefined && before.role !== was) return conflict();
  const after = { ...before, role };
  await endInvitations(after, { keepsRole: true }, { deps, act });
  const audit = auditDraft(act, {
    chain: tenantId,
    atMs: deps.clock.nowMs(),
    action: "member.role_changed",
    subject: memberId,
    before,
    after,
  });
  const write = { audit, ...otherOwner };
  const written = await deps.members.putMember(after, versionstamp, write);
  if (!written.ok) return conflict();
  await endSessions(after, deps);
  await endInvitations(after, { keepsRole: true }, { deps, act });
  return accept(after);
}

/**
 * Ends the member's sessions and invitations too: nobody comes in through somebody who is out. Errors:
 * `unknown_member`, `last_owner`, `conflict`.
 */
export async function removeMember(
  { tenantId, memberId }: { tenantId: TenantId; memberId: string },
  { deps, act }: Context,
): Promise<Result<Member>> {
  const found = await findReplaceable({ tenantId, memberId, staysOwner: false }, deps);
  if (!found.ok) return found;
  const { member, otherOwner } = found.value;
  await endInvitations(member.value, { keepsRole: false }, { deps, act });
  const audit = auditDraft(act, {
    chain: tenantId,
    atMs: deps.clock.nowMs(),
    action: "member.removed",
    subject: memberId,
    before: member.value,
  });
  const written = await deps.members.removeMember(member, { audit, ...otherOwner });
  if (!written.ok) return conflict();
  await endSessions(member.value, deps);
  await endInvitations(member.value, { keepsRole: false }, { deps, act });
  return accept(member.value);
}

function newMember(
  { tenantId, email, name, role }: { tenantId: TenantId; email: string; name: string; role: Role },
  { ids, clock }: MembersDeps,
): Result<Member> {
  const address = parseEmail(email);
  if (!address.ok) return address;
  const parsed = parseName(name);
  if (!parsed.ok) return parsed;
  return accept({
    memberId: ids.next("mem"),
    tenantId,
    email: address.value,
    name: parsed.value,
    role,
    createdAtMs: clock.nowMs(),
    lastSignInAtMs: null,
  });
}

interface Replaceable {
  readonly member: Versioned<Member>;
  /** Who stays owner, to be checked in the commit, since they may be going in the same moment. */
  readonly otherOwner: { readonly unchanged?: Versioned<Member> };
}

/** A member who may change or go without leaving the tenant ownerless. */
async function findReplaceable(
  { tenantId, memberId, staysOwner }: {
    tenantId: TenantId;
    memberId: string;
    staysOwner: boolean;
  },
  { members }: MembersDeps,
): Promise<Result<Replaceable>> {
  const member = await members.member(tenantId, memberId);
  if (member === null) {
    return refuse({ code: "unknown_member", detail: `There is no member ${memberId}` });
  }
  if (member.value.role !== "owner" || staysOwner) return accept({ member, otherOwner: {} });
  const other = (await members.members(tenantId))
    .find((candidate) => candidate.role === "owner" && candidate.memberId !== memberId);
  const unchanged = other === undefined ? null : await members.member(tenantId, other.memberId);
  if (unchanged === null || unchanged.value.role !== "owner") {
    return refuse({ code: "last_owner", detail: "Make somebody else an owner first" });
  }
  return accept({ member, otherOwner: { unchanged } });
}

/**
 * Ends open invitations of a member that they could not send with the role that they keep, if any.
 * Once before the role is written, so that none outlives it if we die after that, and once behind it,
 * for one that was sent in the same moment.
 */
async function endInvitations(
  { tenantId, memberId, role }: Member,
  { keepsRole }: { readonly keepsRole: boolean },
  context: Context,
): Promise<void> {
  for (const invitation of await context.deps.members.invitations(tenantId)) {
    const isGood = keepsRole && mayInviteAs(role, invitation.role);
    if (invitation.invitedBy !== memberId || isGood) continue;
    await revokeInvitation(invitation, context);
  }
}

async function endSessions(
  { tenantId, memberId }: Member,
  { sessions }: MembersDeps,
): Promise<void> {
  await sessions.endSessions({ kind: "member", tenantId, memberId });
}

function memberExists(): Result<never> {
  return refuse({
    code: "member_exists",
    detail: "This person is a member already",
    pointer: "/email",
  });
}

function unknownInvitation(): Result<never> {
  const detail = "This invitation was used, revoked or is too old; ask for a new one";
  return refuse({ code: "unknown_invitation", detail });
}

function conflict(): Result<never> {
  return refuse({
    code: "conflict",
    detail: "Somebody else changed this meanwhile; load it again",
  });
}
