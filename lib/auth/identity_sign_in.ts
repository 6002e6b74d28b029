import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { TenantId } from "@/lib/domain/tenant.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Member, MemberStore } from "@/lib/ports/members.ts";
import type { Session } from "@/lib/ports/sessions.ts";
import type { TenantStore } from "@/lib/ports/tenancy.ts";
import type { OidcIdentity } from "./oidc.ts";
import type { Sessions, StartedSession } from "./session.ts";

export interface IdentityVisit {
  /** Which of the person's tenants; needed only where there are several. */
  readonly tenantId?: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly replaces?: Session | null;
}

export interface IdentityDeps {
  readonly members: MemberStore;
  readonly tenants: Pick<TenantStore, "tenant">;
  readonly sessions: Sessions;
  readonly clock: Clock;
}

export interface TenantChoice {
  readonly tenantId: TenantId;
  readonly name: string;
}

export type IdentitySignIn =
  | ({ readonly kind: "signed_in"; readonly member: Member } & StartedSession)
  | { readonly kind: "choose_tenant"; readonly choices: readonly TenantChoice[] };

interface Membership extends TenantChoice {
  readonly memberId: string;
}

/**
 * A session for a person whom an OpenID Connect provider vouches for, as the member with that
 * address. Nobody becomes a member by signing in. Error: `sign_in_failed`.
 */
export async function signInByIdentity(
  { email, provenAtMs }: Pick<OidcIdentity, "email" | "provenAtMs">,
  { tenantId, ...visit }: IdentityVisit,
  deps: IdentityDeps,
): Promise<Result<IdentitySignIn>> {
  const all = await openMemberships(email, deps);
  const fitting = all.filter((own) => tenantId === undefined || own.tenantId === tenantId);
  const [chosen, another] = fitting;
  const member = chosen && await deps.members.member(chosen.tenantId, chosen.memberId);
  if (!chosen || !member) {
    const detail = `Nobody with the address ${email} is a member here; ask for an invitation`;
    return refuse({ code: "sign_in_failed", detail });
  }
  if (another !== undefined) {
    const choices = fitting.map(({ tenantId, name }) => ({ tenantId, name }));
    return accept({ kind: "choose_tenant", choices });
  }
  const started = await deps.sessions.start({
    owner: { kind: "member", tenantId: chosen.tenantId, memberId: chosen.memberId },
    method: "oidc",
    provenAtMs,
    ...visit,
  });
  const seen = { ...member.value, lastSignInAtMs: deps.clock.nowMs() };
  await deps.members.putMember(seen, member.versionstamp);
  return accept({ kind: "signed_in", member: seen, ...started });
}

/** Of tenants that are not closed. */
async function openMemberships(
  email: string,
  { members, tenants }: IdentityDeps,
): Promise<readonly Membership[]> {
  const found = await Promise.all(
    (await members.memberships(email)).map(async ({ tenantId, memberId }) => {
      const tenant = (await tenants.tenant(tenantId))?.value;
      if (tenant === undefined || tenant.status === "closed") return [];
      return [{ tenantId, memberId, name: tenant.branding.displayName }];
    }),
  );
  return found.flat();
}
