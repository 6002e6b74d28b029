import type { SignInModel } from "@/components/portal/SignInPage.tsx";
import type { PortalState } from "./portal_state.ts";

/** The ways to sign in beside the mailed link. */
export function providersFor(
  { state }: { state: PortalState },
  { next, reason }: Pick<SignInModel, "next" | "reason">,
): SignInModel["providers"] {
  const { oidc } = state.services.portal;
  if (oidc === null) return [];
  const query = new URLSearchParams({ next, ...reason === "step_up" ? { reason } : {} });
  const href = `/portal/sign-in/oidc/start?${query}`;
  return [{ name: oidc.providerName, href }];
}
