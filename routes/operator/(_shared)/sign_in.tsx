import type { Context } from "fresh";
import { type OperatorSignInModel, SignInPage } from "@/components/operator/SignInPage.tsx";
import { PasskeyButton } from "@/islands/PasskeyButton.tsx";
import type { Visit } from "@/lib/auth/operator_sign_in.ts";
import type { StartedSession } from "@/lib/auth/session.ts";
import type { Refusal } from "@/lib/domain/result.ts";
import { setCookie } from "@/lib/http/cookies.ts";
import { seeOther } from "@/lib/http/redirect.ts";
import { themeOf } from "../../(_shared)/page_state.ts";
import { publicViewer } from "../../(_shared)/public_viewer.ts";
import { retryAfter } from "../../(_shared)/wait.tsx";
import type { OperatorState } from "./operator_state.ts";

type Asked =
  & Pick<OperatorSignInModel, "error" | "reason" | "next">
  & Partial<Pick<OperatorSignInModel, "code">>;

/** The sign-in page with every way in that this deployment has. */
export function signInModel(ctx: Context<OperatorState>, asked: Asked): OperatorSignInModel {
  ctx.state.title = "Operator sign-in";
  const { operatorOidc, operatorPasskeys } = ctx.state.services;
  const { next, reason } = asked;
  const query = new URLSearchParams({ next, ...reason === "step_up" ? { reason } : {} });
  const here = ctx.url.origin === operatorPasskeys.origin;
  return {
    code: null,
    ...asked,
    viewer: publicViewer(ctx),
    theme: themeOf(ctx.req),
    provider: operatorOidc === null ? null : {
      name: operatorOidc.providerName,
      href: `/operator/sign-in/oidc/start?${query}`,
    },
    passkeysAt: here ? null : `${operatorPasskeys.origin}/operator/sign-in?${query}`,
  };
}

export function OperatorSignIn(model: OperatorSignInModel) {
  return (
    <SignInPage {...model}>
      <PasskeyButton
        act="use"
        optionsHref="/operator/sign-in/passkey/options"
        csrfToken={model.viewer.csrfToken ?? ""}
        label="Sign in with a passkey"
      />
    </SignInPage>
  );
}

/** The browser that signs in; a session of its own ends with it. */
export function signInVisit({ req, state }: Context<OperatorState>): Visit {
  const { ip, requestId, session = null } = state;
  return { ip, requestId, userAgent: req.headers.get("user-agent"), replaces: session };
}

export function signedIn(
  { state }: Context<OperatorState>,
  { started, next }: { readonly started: StartedSession; readonly next: string },
): Response {
  const cookie = { name: "op", value: started.secret } as const;
  const secure = state.services.env.secureCookies;
  return seeOther(next, { "set-cookie": setCookie(cookie, { secure }) });
}

/** Status and headers of the page, or other answer, that says why. */
export function refusedAnswer(refusal: Refusal) {
  const status = refusal.code === "rate_limited" ? 429 : 422;
  return { status, headers: retryAfter(refusal) };
}
