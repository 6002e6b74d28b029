import type { ComponentChildren } from "preact";
import { AppShell } from "../ui/AppShell.tsx";
import type { Theme } from "../ui/ThemeSwitch.tsx";
import type { Flash } from "../ui/Toast.tsx";
import type { Viewer } from "../ui/viewer.ts";
import { NAV } from "./places.ts";
import { type TenantNames, TenantNamesContext } from "./TenantLink.tsx";

/** What every page of the operator console knows about its visitor. */
export interface OperatorFrame {
  readonly viewer: Viewer;
  readonly theme: Theme;
  readonly operatorId: string;
  readonly mode: "sandbox" | "test" | "live";
  readonly flash: Flash | null;
}

export function OperatorPage(
  { frame, current, names, children }: {
    frame: OperatorFrame;
    current: string;
    /** Of the tenants that the page links to. */
    names?: TenantNames;
    children: ComponentChildren;
  },
) {
  return (
    <AppShell
      viewer={frame.viewer}
      theme={frame.theme}
      brand={{ name: "Clawmeter operator", logoUrl: null, color: null, href: "/operator" }}
      nav={NAV}
      search={{ href: "/operator/search", label: "Search", shortcut: "Ctrl K" }}
      current={current}
      person={{ name: frame.operatorId, role: `Operator, ${frame.mode}` }}
      signOutHref="/operator/sign-out"
      flash={frame.flash}
      impersonation={null}
    >
      {names === undefined
        ? children
        : <TenantNamesContext.Provider value={names}>{children}</TenantNamesContext.Provider>}
    </AppShell>
  );
}
