import type { StartedSession } from "@/lib/auth/session.ts";
import { setCookie } from "@/lib/http/cookies.ts";
import { seeOther } from "@/lib/http/redirect.ts";
import type { PortalState } from "./portal_state.ts";

/** On to where the member wanted, with the cookie of the new session. */
export function signedIn(
  { state }: { state: PortalState },
  { secret, session, returnTo }: StartedSession & { readonly returnTo: string },
): Response {
  const maxAgeSeconds = (session.absoluteEndsAtMs - session.createdAtMs) / 1_000;
  const cookie = { name: "sid", value: secret, maxAgeSeconds } as const;
  const { secureCookies } = state.services.portal;
  return seeOther(returnTo, { "set-cookie": setCookie(cookie, { secure: secureCookies }) });
}
