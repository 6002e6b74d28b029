import type { Invitation, Member, MemberStore, MemberWrite } from "@/lib/ports/members.ts";
import type { WriteOutcome } from "@/lib/ports/tenancy.ts";
import { type GuardedCommit, guardedCommit } from "./guarded_commit.ts";
import {
  invitationKey,
  invitationsPrefix,
  memberByEmailKey,
  memberKey,
  membershipKey,
  membershipsPrefix,
  membersPrefix,
} from "./keys.ts";
import type { KvAtomicLike, KvLike } from "./kv_like.ts";
import { versioned } from "./versioned.ts";

const MAX_MEMBERS = 1_000;
const MAX_MEMBERSHIPS = 100;

/** Members and invitations in Deno KV; the address index changes in the commit of the member. */
export function createKvMemberStore(kv: KvLike): MemberStore {
  async function write(commit: GuardedCommit): Promise<WriteOutcome> {
    const outcome = await guardedCommit(kv, commit);
    return outcome.ok ? { ok: true } : outcome;
  }

  async function list<T>(prefix: Deno.KvKey, limit: number): Promise<T[]> {
    const found: T[] = [];
    for await (const entry of kv.list<T>({ prefix }, { limit })) found.push(entry.value);
    return found;
  }

  return {
    member: async (tenantId, memberId) =>
      versioned(await kv.get<Member>(memberKey(tenantId, memberId))),

    members: (tenantId) => list<Member>(membersPrefix(tenantId), MAX_MEMBERS),

    memberships: async (email) => {
      const pointers = await list<readonly [string, string]>(
        membershipsPrefix(email),
        MAX_MEMBERSHIPS,
      );
      const members: Member[] = [];
      for (const [tenantId, memberId] of pointers) {
        const member = (await kv.get<Member>(memberKey(tenantId, memberId))).value;
        if (member !== null) members.push(member);
      }
      return members;
    },

    putMember: (member, versionstamp, { audit, unchanged } = {}) =>
      write({
        checks: [
          ...versionstamp === null
            ? creationChecks(member)
            : [{ key: memberKey(member.tenantId, member.memberId), versionstamp }],
          ...checkOn(unchanged),
        ],
        write: (atomic) => setMember(atomic, member),
        audit,
      }),

    removeMember: ({ value: member, versionstamp }, { audit, unchanged } = {}) =>
      write({
        checks: [
          { key: memberKey(member.tenantId, member.memberId), versionstamp },
          ...checkOn(unchanged),
        ],
        write: (atomic) =>
          atomic.delete(memberKey(member.tenantId, member.memberId))
            .delete(memberByEmailKey(member.tenantId, member.email))
            .delete(membershipKey(member.email, member.tenantId)),
        audit,
      }),

    invitations: (tenantId) => list<Invitation>(invitationsPrefix(tenantId), MAX_MEMBERS),

    invitation: async (tenantId, invitationId) =>
      versioned(await kv.get<Invitation>(invitationKey(tenantId, invitationId))),

    putInvitation: (invitation, audit) => {
      const key = invitationKey(invitation.tenantId, invitation.invitationId);
      return write({
        checks: [{ key, versionstamp: null }],
        write: (atomic) => atomic.set(key, invitation),
        audit,
      });
    },

    endInvitation: ({ value, versionstamp }, { member, audit }) => {
      const key = invitationKey(value.tenantId, value.invitationId);
      return write({
        checks: [{ key, versionstamp }, ...member === null ? [] : creationChecks(member)],
        write: (atomic) => {
          atomic.delete(key);
          return member === null ? atomic : setMember(atomic, member);
        },
        audit,
      });
    },
  };
}

function creationChecks({ tenantId, memberId, email }: Member): Deno.AtomicCheck[] {
  return [
    { key: memberKey(tenantId, memberId), versionstamp: null },
    { key: memberByEmailKey(tenantId, email), versionstamp: null },
  ];
}

function checkOn(member: MemberWrite["unchanged"]): Deno.AtomicCheck[] {
  if (member === undefined) return [];
  const { value: { tenantId, memberId }, versionstamp } = member;
  return [{ key: memberKey(tenantId, memberId), versionstamp }];
}

function setMember(atomic: KvAtomicLike, member: Member): KvAtomicLike {
  const { tenantId, memberId, email } = member;
  return atomic.set(memberKey(tenantId, memberId), member)
    .set(memberByEmailKey(tenantId, email), memberId)
    .set(membershipKey(email, tenantId), [tenantId, memberId]);
}
