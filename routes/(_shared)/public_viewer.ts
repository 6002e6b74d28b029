import type { Viewer } from "@/components/ui/viewer.ts";
import { csrfToken } from "@/lib/auth/csrf.ts";
import type { PageState } from "./page_state.ts";

/** Nobody is signed in: UTC, and English where no language was asked for. */
export function publicViewer({ state }: { state: PageState }): Viewer {
  return {
    locale: state.lang ?? "en",
    timeZone: "UTC",
    nowMs: state.services.portal.clock.nowMs(),
    csrfToken: state.formSecret === undefined ? null : csrfToken(state.formSecret),
  };
}
