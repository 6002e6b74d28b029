import type { ComponentChildren } from "preact";
import { AppShell, type NavGroup } from "../ui/AppShell.tsx";
import type { Theme } from "../ui/ThemeSwitch.tsx";
import type { Flash } from "../ui/Toast.tsx";
import type { Viewer } from "../ui/viewer.ts";

/** What every page of the operator console knows about its visitor. */
export interface OperatorFrame {
  readonly viewer: Viewer;
  readonly theme: Theme;
  readonly operatorId: string;
  readonly mode: "sandbox" | "test" | "live";
  readonly flash: Flash | null;
}

const NAV: readonly NavGroup[] = [
  {
    label: null,
    items: [
      { href: "/operator", label: "Home", icon: "overview" },
      { href: "/operator/tenants", label: "Tenants", icon: "tenants" },
      { href: "/operator/plans", label: "Plans", icon: "plan" },
    ],
  },
  {
    label: "Money",
    items: [
      { href: "/operator/outbox", label: "Outbox", icon: "list" },
      { href: "/operator/books", label: "Books", icon: "usage" },
      { href: "/operator/reconcile", label: "Reconciliation", icon: "check" },
      { href: "/operator/closes", label: "Period close", icon: "invoices" },
      { href: "/operator/approvals", label: "Approvals", icon: "members" },
    ],
  },
  {
    label: "Watch",
    items: [
      { href: "/operator/anomalies", label: "Anomalies", icon: "anomaly" },
      { href: "/operator/runs", label: "Cron runs", icon: "rotate" },
      { href: "/operator/webhooks", label: "Webhooks", icon: "webhook" },
      { href: "/operator/audit", label: "Audit", icon: "audit" },
    ],
  },
  {
    label: "Set up",
    items: [
      { href: "/operator/lists", label: "Prices and lists", icon: "list" },
      { href: "/operator/settings", label: "Settings", icon: "settings" },
    ],
  },
];

export function OperatorPage(
  { frame, current, children }: {
    frame: OperatorFrame;
    current: string;
    children: ComponentChildren;
  },
) {
  return (
    <AppShell
      viewer={frame.viewer}
      theme={frame.theme}
      brand={{ name: "Clawmeter operator", logoUrl: null, color: null, href: "/operator" }}
      nav={NAV}
      current={current}
      person={{ name: frame.operatorId, role: `Operator, ${frame.mode}` }}
      signOutHref="/operator/sign-out"
      flash={frame.flash}
      impersonation={null}
    >
      {children}
    </AppShell>
  );
}
