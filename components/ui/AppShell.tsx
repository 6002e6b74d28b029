import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./Icon.tsx";
import { type Theme, ThemeSwitch } from "./ThemeSwitch.tsx";
import { sayIn } from "@/lib/i18n/portal/messages.ts";
import { useSay, type Viewer, ViewerContext } from "./viewer.ts";
import { Wordmark } from "./Wordmark.tsx";
import { Form } from "./Form.tsx";
import { type Flash, Toast } from "./Toast.tsx";

export interface NavItem {
  readonly href: string;
  readonly label: string;
  readonly icon: IconName;
  readonly count?: number | undefined;
}

export interface NavGroup {
  readonly label: string | null;
  readonly items: readonly NavItem[];
}

export interface ShellProps {
  readonly viewer: Viewer;
  readonly theme: Theme;
  readonly brand: {
    readonly name: string;
    readonly logoUrl: string | null;
    /** `#rrggbb`; anything else falls back to the product's own colour. */
    readonly color: string | null;
    readonly href: string;
  };
  readonly nav: readonly NavGroup[];
  /** A page that finds things; a script may open it in place (`data-palette`). */
  readonly search?: { readonly href: string; readonly label: string; readonly shortcut: string };
  /** `href` of the current item. */
  readonly current: string;
  readonly person: { readonly name: string; readonly role: string };
  readonly signOutHref: string;
  readonly flash: Flash | null;
  /** Set while an operator looks through a tenant's eyes. */
  readonly impersonation: { readonly operator: string; readonly endHref: string } | null;
}

/** The frame of every signed-in page: sidebar on a desk, drawer on a phone, one main region. */
export function AppShell(props: ShellProps & { children: ComponentChildren }) {
  const say = sayIn(props.viewer.locale);
  return (
    <ViewerContext.Provider value={props.viewer}>
      <BrandColor color={props.brand.color} />
      <a class="skip-link" href="#main">{say("skip_to_content")}</a>
      {props.impersonation !== null && <Impersonation {...props.impersonation} />}
      <div class="shell">
        <header class="topbar">
          <Wordmark {...props.brand} />
          {props.search !== undefined && (
            <a class="btn btn-icon btn-quiet" href={props.search.href} data-palette="">
              <Icon name="search" />
              <span class="sr-only">{props.search.label}</span>
            </a>
          )}
          <button class="btn btn-icon btn-quiet" type="button" popovertarget="sidebar">
            <Icon name="menu" />
            <span class="sr-only">{say("menu")}</span>
          </button>
        </header>
        <Sidebar {...props} />
        <main class="main" id="main" tabIndex={-1}>
          {props.flash !== null && <Toast flash={props.flash} />}
          {props.children}
        </main>
      </div>
    </ViewerContext.Provider>
  );
}

function Sidebar({ brand, nav, search, current, person, signOutHref, theme }: ShellProps) {
  const say = useSay();
  return (
    <aside class="sidebar" id="sidebar" popover="auto" aria-label={say("sidebar")}>
      <Wordmark {...brand} />
      {search !== undefined && (
        <a class="search-link" href={search.href} data-palette="" aria-keyshortcuts="Control+K">
          <Icon name="search" size={16} />
          {search.label}
          <kbd>{search.shortcut}</kbd>
        </a>
      )}
      <nav class="nav" aria-label={say("main_navigation")}>
        {nav.map((group) => (
          <div class="nav-group" key={group.label ?? ""}>
            {group.label !== null && <span class="nav-label">{group.label}</span>}
            {group.items.map((item) => (
              <a
                key={item.href}
                href={item.href}
                aria-current={item.href === current ? "page" : undefined}
              >
                <Icon name={item.icon} />
                {item.label}
                {item.count !== undefined && item.count > 0 && (
                  <span class="count num">{item.count}</span>
                )}
              </a>
            ))}
          </div>
        ))}
      </nav>
      <div class="sidebar-foot">
        <div class="viewer">
          <bdi class="strong" title={person.name}>{person.name}</bdi>
          <span class="muted">{person.role}</span>
        </div>
        <div class="row">
          <ThemeSwitch theme={theme} />
          <Form action={signOutHref} class="">
            <button class="btn btn-sm btn-quiet" type="submit">
              <Icon name="out" size={16} />
              {say("sign_out")}
            </button>
          </Form>
        </div>
      </div>
    </aside>
  );
}

function Impersonation({ operator, endHref }: { operator: string; endHref: string }) {
  return (
    <div class="impersonation" role="status" lang="en">
      <span>
        You look through this tenant's eyes as <bdi>{operator}</bdi>. Everything is recorded.
      </span>
      <Form action={endHref} class="">
        <button class="btn btn-sm" type="submit">End</button>
      </Form>
    </div>
  );
}

/** One checked custom property; a colour that is not `#rrggbb` never reaches the style sheet. */
function BrandColor({ color }: { color: string | null }) {
  if (color === null || !/^#[0-9a-f]{6}$/i.test(color)) return null;
  return <style>{`:root{--brand:${color}}`}</style>;
}
