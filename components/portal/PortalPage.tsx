import type { ComponentChildren } from "preact";
import type { TenantStatus } from "@/lib/domain/tenant.ts";
import { AppShell, type NavGroup } from "../ui/AppShell.tsx";
import { type Say, sayIn } from "@/lib/i18n/portal/messages.ts";
import { formatTime } from "../ui/format.ts";
import { Notice } from "../ui/Notice.tsx";
import type { Theme } from "../ui/ThemeSwitch.tsx";
import type { Flash } from "../ui/Toast.tsx";
import { useSay, useViewer, type Viewer } from "../ui/viewer.ts";

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

function navIn(say: Say): readonly NavGroup[] {
  return [
    {
      label: null,
      items: [
        { href: "/portal", label: say("nav_overview"), icon: "overview" },
        { href: "/portal/usage", label: say("nav_usage"), icon: "usage" },
        { href: "/portal/requests", label: say("nav_requests"), icon: "requests" },
      ],
    },
    {
      label: say("nav_build"),
      items: [
        { href: "/portal/start", label: say("nav_start"), icon: "start" },
        { href: "/portal/keys", label: say("nav_keys"), icon: "keys" },
      ],
    },
    {
      label: say("nav_billing"),
      items: [
        { href: "/portal/plan", label: say("nav_plan"), icon: "plan" },
        { href: "/portal/invoices", label: say("nav_invoices"), icon: "invoices" },
        { href: "/portal/alerts", label: say("nav_alerts"), icon: "alerts" },
      ],
    },
    {
      label: say("nav_tenant"),
      items: [
        { href: "/portal/members", label: say("nav_members"), icon: "members" },
        { href: "/portal/audit", label: say("nav_audit"), icon: "audit" },
        { href: "/portal/settings", label: say("nav_settings"), icon: "settings" },
      ],
    },
  ];
}

export function PortalPage(
  { frame, current, children }: {
    frame: PortalFrame;
    current: string;
    children: ComponentChildren;
  },
) {
  const say = sayIn(frame.viewer.locale);
  return (
    <AppShell
      viewer={frame.viewer}
      theme={frame.theme}
      brand={{ ...frame.tenant, href: "/portal" }}
      nav={navIn(say)}
      current={current}
      person={{ name: frame.member.email, role: say(`role_${frame.member.role}`) }}
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
  const { locale, timeZone } = useViewer();
  const say = useSay();
  switch (status) {
    case "active":
      return null;
    case "past_due": {
      const text = graceUntilMs === null ? say("overdue_refused") : say("overdue_until", {
        time: formatTime(graceUntilMs, { style: "datetime", locale, timeZone }),
      });
      return (
        <Notice tone="warn" title={say("overdue_title")}>
          {text} <a href="/portal/invoices">{say("nav_invoices")}</a>
        </Notice>
      );
    }
    case "suspended":
    case "closed":
      return <Notice tone="bad" title={say("suspended_title")}>{say("suspended_text")}</Notice>;
  }
}

/** Viewers look; they don't act. */
export function mayEdit(frame: PortalFrame): boolean {
  return frame.member.role !== "viewer";
}
