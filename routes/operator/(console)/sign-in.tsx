import { page } from "fresh";
import { type OperatorSignInModel, SignInPage } from "@/components/operator/SignInPage.tsx";
import { setCookie } from "@/lib/http/cookies.ts";
import { ownPath, seeOther } from "@/lib/http/redirect.ts";
import { themeOf } from "../../(_shared)/page_state.ts";
import { publicViewer } from "../../(_shared)/public_viewer.ts";
import { define } from "../(_shared)/operator_state.ts";

export const handler = define.handlers({
  GET(ctx) {
    ctx.state.title = "Operator sign-in";
    const { searchParams } = ctx.url;
    const reason = searchParams.get("reason");
    return page<OperatorSignInModel>({
      viewer: publicViewer(ctx),
      theme: themeOf(ctx.req),
      error: null,
      reason: reason === "expired" || reason === "step_up" ? reason : null,
      next: ownPath(searchParams.get("next"), "/operator"),
    });
  },
  async POST(ctx) {
    ctx.state.title = "Operator sign-in";
    const { form, ip, requestId, session = null, services } = ctx.state;
    const next = ownPath(form.get("next"), "/operator");
    const signedIn = await services.operatorSignIn.byToken((form.get("token") ?? "").trim(), {
      ip,
      userAgent: ctx.req.headers.get("user-agent"),
      requestId,
      replaces: session,
    });
    if (signedIn.ok) {
      const cookie = { name: "op", value: signedIn.value.secret } as const;
      const secure = services.env.secureCookies;
      return seeOther(next, { "set-cookie": setCookie(cookie, { secure }) });
    }
    return page<OperatorSignInModel>({
      viewer: publicViewer(ctx),
      theme: themeOf(ctx.req),
      error: signedIn.error.detail,
      reason: null,
      next,
    }, { status: signedIn.error.code === "rate_limited" ? 429 : 422 });
  },
});

export default define.page<typeof handler>(({ data }) => <SignInPage {...data} />);
