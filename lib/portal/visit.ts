import type { PortalFrame } from "@/components/portal/PortalPage.tsx";
import type { Theme } from "@/components/ui/ThemeSwitch.tsx";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { Member, MemberStore } from "@/lib/ports/members.ts";
import type { Session } from "@/lib/ports/sessions.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { type FlashCode, flashOf } from "./flashes.ts";
import type { PlanStore, TenantStore, Versioned } from "@/lib/ports/tenancy.ts";

/** A signed-in member looking at their own tenant; every page and form starts from it. */
export interface PortalVisit {
  readonly session: Session;
  readonly member: Member;
  readonly tenant: Versioned<Tenant>;
  readonly plan: PlanVersion;
  /** What most pages need to know of the tenant. */
  readonly terms: { readonly tenant: Tenant; readonly plan: PlanVersion };
  readonly frame: PortalFrame;
  /** Names this member in the tenant's audit log. */
  readonly act: Act;
}

export interface VisitFacts {
  readonly theme: Theme;
  readonly flash: FlashCode | null;
  readonly csrfToken: string | null;
  /** Of this page; see `Submissions`. */
  readonly formId: string;
  readonly nowMs: number;
  readonly ip: string | null;
  readonly requestId: string;
}

/**
 * Reads who visits. The tenant comes from the session alone. `null`: nobody, an operator, a member
 * who was removed, or a tenant that is closed.
 */
export async function loadVisit(
  deps: { readonly members: MemberStore; readonly tenants: TenantStore; readonly plans: PlanStore },
  session: Session | null,
  facts: VisitFacts,
): Promise<PortalVisit | null> {
  if (session === null || session.owner.kind !== "member") return null;
  const { tenantId, memberId } = session.owner;
  const [member, tenant] = await Promise.all([
    deps.members.member(tenantId, memberId),
    deps.tenants.tenant(tenantId),
  ]);
  if (member === null || tenant === null || tenant.value.status === "closed") return null;
  const plan = await deps.plans.plan(tenant.value.planRevision);
  if (plan === null) return null;
  return {
    session,
    member: member.value,
    tenant,
    plan: plan.value,
    terms: { tenant: tenant.value, plan: plan.value },
    act: {
      actor: {
        kind: "member",
        id: memberId,
        ...(session.impersonatedBy === null ? {} : { impersonatedBy: session.impersonatedBy }),
      },
      ip: facts.ip,
      requestId: facts.requestId,
    },
    frame: frameOf({ session, member: member.value, tenant: tenant.value }, facts),
  };
}

function frameOf(
  { session, member, tenant }: {
    readonly session: Session;
    readonly member: Member;
    readonly tenant: Tenant;
  },
  { theme, flash, csrfToken, formId, nowMs }: VisitFacts,
): PortalFrame {
  const { displayName, logoUrl, color } = tenant.branding;
  return {
    viewer: { locale: tenant.locale, timeZone: tenant.timeZone, nowMs, csrfToken, formId },
    theme,
    tenant: { tenantId: tenant.tenantId, name: displayName, logoUrl, color },
    member: { email: member.email, role: member.role },
    flash: flash === null ? null : flashOf(flash, tenant.locale),
    impersonatedBy: session.impersonatedBy,
    standing: { status: tenant.status, graceUntilMs: tenant.graceUntilMs },
  };
}
