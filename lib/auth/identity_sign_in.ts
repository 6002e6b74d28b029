import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Member, MemberStore } from "@/lib/ports/members.ts";
import type { Session } from "@/lib/ports/sessions.ts";
import type { OidcIdentity } from "./oidc.ts";
import type { Sessions, StartedSession } from "./session.ts";

export interface IdentityVisit {
  /** Which of the person's tenants; needed only where there are several. */
  readonly tenantId?: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly replaces?: Session | null;
}

export type IdentitySignIn =
  | ({ readonly kind: "signed_in"; readonly member: Member } & StartedSession)
  | { readonly kind: "choose_tenant"; readonly memberships: readonly Member[] };

/**
 * A session for a person whom an OpenID Connect provider vouches for, as the member with that
 * address. Nobody becomes a member by signing in. Error: `sign_in_failed`.
 */
export async function signInByIdentity(
  { email }: OidcIdentity,
  { tenantId, ...visit }: IdentityVisit,
  { members, sessions }: { members: MemberStore; sessions: Sessions },
): Promise<Result<IdentitySignIn>> {
  const all = await members.memberships(email);
  const memberships = all.filter((own) => tenantId === undefined || own.tenantId === tenantId);
  const [member, another] = memberships;
  if (member === undefined) {
    const detail = `Nobody with the address ${email} is a member here; ask for an invitation`;
    return refuse({ code: "sign_in_failed", detail });
  }
  if (another !== undefined) return accept({ kind: "choose_tenant", memberships });
  const { memberId } = member;
  const started = await sessions.start({
    owner: { kind: "member", tenantId: member.tenantId, memberId },
    method: "oidc",
    ...visit,
  });
  return accept({ kind: "signed_in", member, ...started });
}
