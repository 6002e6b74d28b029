import { page } from "fresh";
import { type SignInModel, SignInPage } from "@/components/portal/SignInPage.tsx";
import { ownPath } from "@/lib/http/redirect.ts";
import { faultWords } from "@/lib/portal/fault_words.ts";
import { sandboxLink } from "@/lib/portal/sandbox_link.ts";
import { themeOf } from "../../(_shared)/page_state.ts";
import { publicViewer } from "../../(_shared)/public_viewer.ts";
import { retryAfter } from "../../(_shared)/wait.tsx";
import { define } from "../(_shared)/portal_state.ts";
import { providersFor } from "../(_shared)/providers.ts";

export const handler = define.handlers({
  GET(ctx) {
    ctx.state.title = ctx.state.say("sign_in");
    const { searchParams } = ctx.url;
    const asked = searchParams.get("reason");
    const reason = asked === "expired" || asked === "step_up" ? asked : null;
    const next = ownPath(searchParams.get("next"), "/portal");
    return page<SignInModel>({
      viewer: publicViewer(ctx),
      theme: themeOf(ctx.req),
      state: { kind: "form", email: "", error: null },
      reason,
      next,
      providers: providersFor(ctx, { next, reason }),
    });
  },
  /** Answers the same whether or not anybody has this address. */
  async POST(ctx) {
    ctx.state.title = ctx.state.say("sign_in");
    const { form, browserSecret, ip, services: { portal } } = ctx.state;
    const email = form.get("email") ?? "";
    const next = ownPath(form.get("next"), "/portal");
    const asked = await portal.magicLinks.request({
      email,
      ip,
      browserSecret,
      returnTo: next,
    });
    if (asked.ok && portal.mode === "simulator") await asked.value.done;
    const state: SignInModel["state"] = asked.ok
      ? { kind: "sent", email, link: sandboxLink(portal, email) }
      : { kind: "form", email, error: faultWords(asked.error, ctx.state.say) };
    return page<SignInModel>(
      {
        viewer: publicViewer(ctx),
        theme: themeOf(ctx.req),
        state,
        reason: null,
        next,
        providers: providersFor(ctx, { next, reason: null }),
      },
      asked.ok ? {} : {
        status: asked.error.code === "rate_limited" ? 429 : 422,
        headers: retryAfter(asked.error),
      },
    );
  },
});

export default define.page<typeof handler>(({ data }) => <SignInPage {...data} />);
