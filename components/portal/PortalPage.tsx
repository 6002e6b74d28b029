import type { ComponentChildren } from "preact";
import type { TenantStatus } from "@/lib/domain/tenant.ts";
import { AppShell, type NavGroup } from "../ui/AppShell.tsx";
import { DateTime } from "../ui/DateTime.tsx";
import { Notice } from "../ui/Notice.tsx";
import type { Theme } from "../ui/ThemeSwitch.tsx";
import type { Flash } from "../ui/Toast.tsx";
import type { Viewer } from "../ui/viewer.ts";

export type MemberRole = "owner" | "admin" | "viewer";

/** What every page of the tenant portal knows about its visitor. */
export interface PortalFrame {
  readonly viewer: Viewer;
  readonly theme: Theme;
  readonly tenant: {
    readonly tenantId: string;
    readonly name: string;
    readonly logoUrl: string | null;
    readonly color: string | null;
  };
  readonly member: { readonly email: string; readonly role: MemberRole };
  readonly flash: Flash | null;
  readonly impersonatedBy: string | null;
  readonly standing: {
    readonly status: TenantStatus;
    /** While past due: served until then. */
    readonly graceUntilMs: number | null;
  };
}

const NAV: readonly NavGroup[] = [
  {
    label: null,
    items: [
      { href: "/portal", label: "Overview", icon: "overview" },
      { href: "/portal/usage", label: "Usage", icon: "usage" },
      { href: "/portal/requests", label: "Requests", icon: "requests" },
    ],
  },
  {
    label: "Build",
    items: [
      { href: "/portal/start", label: "Get started", icon: "start" },
      { href: "/portal/keys", label: "API keys", icon: "keys" },
    ],
  },
  {
    label: "Billing",
    items: [
      { href: "/portal/plan", label: "Plan", icon: "plan" },
      { href: "/portal/invoices", label: "Invoices", icon: "invoices" },
      { href: "/portal/alerts", label: "Alerts and budget", icon: "alerts" },
    ],
  },
  {
    label: "Tenant",
    items: [
      { href: "/portal/members", label: "Members", icon: "members" },
      { href: "/portal/audit", label: "Audit", icon: "audit" },
      { href: "/portal/settings", label: "Settings", icon: "settings" },
    ],
  },
];

export function PortalPage(
  { frame, current, children }: {
    frame: PortalFrame;
    current: string;
    children: ComponentChildren;
  },
) {
  return (
    <AppShell
      viewer={frame.viewer}
      theme={frame.theme}
      brand={{ ...frame.tenant, href: "/portal" }}
      nav={NAV}
      current={current}
      person={{ name: frame.member.email, role: ROLE_LABELS[frame.member.role] }}
      signOutHref="/portal/sign-out"
      flash={frame.flash}
      impersonation={frame.impersonatedBy === null
        ? null
        : { operator: frame.impersonatedBy, endHref: "/operator/impersonation/end" }}
    >
      <Standing {...frame.standing} />
      {children}
    </AppShell>
  );
}

/** What every page must say while calls are, or soon will be, refused. */
function Standing({ status, graceUntilMs }: PortalFrame["standing"]) {
  switch (status) {
    case "active":
      return null;
    case "past_due":
      return (
        <Notice tone="warn" title="A payment is overdue">
          {graceUntilMs === null ? "Calls are refused" : (
            <>
              Calls are served until <DateTime atMs={graceUntilMs} /> and refused after that
            </>
          )}. <a href="/portal/invoices">Invoices</a>
        </Notice>
      );
    case "suspended":
    case "closed":
      return (
        <Notice tone="bad" title="This tenant is suspended">
          All calls are refused. Your keys and figures are kept.
        </Notice>
      );
  }
}

export const ROLE_LABELS: Readonly<Record<MemberRole, string>> = {
  owner: "Owner",
  admin: "Admin",
  viewer: "Viewer",
};

/** Viewers look; they don't act. */
export function mayEdit(frame: PortalFrame): boolean {
  return frame.member.role !== "viewer";
}
