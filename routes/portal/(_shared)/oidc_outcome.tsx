import type { Context } from "fresh";
import { ChooseTenantPage } from "@/components/portal/ChooseTenantPage.tsx";
import { SignInPage } from "@/components/portal/SignInPage.tsx";
import type { MemberOidcOutcome, MemberVisit } from "@/lib/auth/member_oidc.ts";
import type { Result } from "@/lib/domain/result.ts";
import { themeOf } from "../../(_shared)/page_state.ts";
import { publicViewer } from "../../(_shared)/public_viewer.ts";
import type { PortalState } from "./portal_state.ts";
import { providersFor } from "./providers.ts";
import { signedIn } from "./signed_in.ts";

export function memberVisit({ req, state }: Context<PortalState>): MemberVisit {
  const { browserSecret, ip, session = null } = state;
  return { browserSecret, ip, userAgent: req.headers.get("user-agent"), replaces: session };
}

/** Every failure looks the same: who is a member here is not told to who is none. */
export async function answerOidc(
  ctx: Context<PortalState>,
  outcome: Result<MemberOidcOutcome>,
): Promise<Response> {
  const shared = { viewer: publicViewer(ctx), theme: themeOf(ctx.req) };
  if (!outcome.ok) {
    ctx.state.services.portal.logger.info("oidc_sign_in_refused", {
      requestId: ctx.state.requestId,
      code: outcome.error.code,
    });
    ctx.state.title = ctx.state.say("sign_in");
    const next = "/portal";
    return await ctx.render(
      <SignInPage
        {...shared}
        state={{ kind: "form", email: "", error: null }}
        reason="provider_failed"
        next={next}
        providers={providersFor(ctx, { next, reason: null })}
      />,
      { status: 401 },
    );
  }
  if (outcome.value.kind === "signed_in") return signedIn(ctx, outcome.value);
  ctx.state.title = ctx.state.say("choose_tenant");
  const { choices, choiceSecret } = outcome.value;
  return await ctx.render(
    <ChooseTenantPage {...shared} choices={choices} choiceSecret={choiceSecret} />,
  );
}
