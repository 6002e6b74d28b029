import type { FlashCode } from "@/lib/portal/flashes.ts";
import type { PortalState } from "./portal_state.ts";

/** What the use cases on members work with, and who acts. */
export function memberContext({ state }: { state: PortalState }) {
  const { members, sessionStore, clock, ids } = state.services.portal;
  return { deps: { members, sessions: sessionStore, clock, ids }, act: state.visit.act };
}

export function memberFlash(code: string): FlashCode {
  if (code === "last_owner") return "last_owner";
  return code === "conflict" ? "conflict" : "refused";
}
