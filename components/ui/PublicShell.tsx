import type { ComponentChildren } from "preact";
import { sayIn } from "@/lib/i18n/portal/messages.ts";
import { type Theme, ThemeSwitch } from "./ThemeSwitch.tsx";
import { type Viewer, ViewerContext } from "./viewer.ts";
import { Wordmark } from "./Wordmark.tsx";

/** The frame of pages that need no session. */
export function PublicShell(
  { viewer, theme, children }: { viewer: Viewer; theme: Theme; children: ComponentChildren },
) {
  const say = sayIn(viewer.locale);
  return (
    <ViewerContext.Provider value={viewer}>
      <a class="skip-link" href="#main">{say("skip_to_content")}</a>
      <div class="public">
        <header class="public-bar">
          <Wordmark name="Clawmeter" logoUrl={null} href="/" />
          <nav aria-label={say("main_navigation")}>
            <a href="/#pricing">{say("pricing")}</a>
            <a href="/docs">{say("api_reference")}</a>
            <a class="btn btn-sm" href="/portal/sign-in">{say("sign_in")}</a>
          </nav>
        </header>
        <main class="public-main" id="main" tabIndex={-1}>{children}</main>
        <footer class="public-foot">
          <span>{say("product_line")}</span>
          <ThemeSwitch theme={theme} />
        </footer>
      </div>
    </ViewerContext.Provider>
  );
}
