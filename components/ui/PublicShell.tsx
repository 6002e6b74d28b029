import type { ComponentChildren } from "preact";
import { type Theme, ThemeSwitch } from "./ThemeSwitch.tsx";
import { type Viewer, ViewerContext } from "./viewer.ts";
import { Wordmark } from "./Wordmark.tsx";

/** The frame of pages that need no session. */
export function PublicShell(
  { viewer, theme, children }: { viewer: Viewer; theme: Theme; children: ComponentChildren },
) {
  return (
    <ViewerContext.Provider value={viewer}>
      <a class="skip-link" href="#main">Skip to content</a>
      <div class="public">
        <header class="public-bar">
          <Wordmark name="Clawmeter" logoUrl={null} href="/" />
          <nav aria-label="Main">
            <a href="/#pricing">Pricing</a>
            <a href="/docs">API reference</a>
            <a class="btn btn-sm" href="/portal/sign-in">Sign in</a>
          </nav>
        </header>
        <main class="public-main" id="main" tabIndex={-1}>{children}</main>
        <footer class="public-foot">
          <span>Clawmeter rates financial instruments and meters every call once.</span>
          <ThemeSwitch theme={theme} />
        </footer>
      </div>
    </ViewerContext.Provider>
  );
}
