import type { ComponentChildren } from "preact";
import { AppShell, type NavGroup } from "../ui/AppShell.tsx";
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
      {children}
    </AppShell>
  );
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
