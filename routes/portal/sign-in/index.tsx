import { page } from "fresh";
import { type SignInModel, SignInPage } from "@/components/portal/SignInPage.tsx";
import { ownPath } from "@/lib/http/redirect.ts";
import { sandboxLink } from "@/lib/portal/sandbox_link.ts";
import { themeOf } from "../../(_shared)/page_state.ts";
import { publicViewer } from "../../(_shared)/public_viewer.ts";
import { define } from "../(_shared)/portal_state.ts";

export const handler = define.handlers({
  GET(ctx) {
    ctx.state.title = "Sign in";
    const { searchParams } = ctx.url;
    const reason = searchParams.get("reason");
    return page<SignInModel>({
      viewer: publicViewer(ctx),
      theme: themeOf(ctx.req),
      state: { kind: "form", email: "", error: null },
      reason: reason === "expired" || reason === "step_up" ? reason : null,
      next: ownPath(searchParams.get("next"), "/portal"),
      providers: [],
    });
  },
  /** Answers the same whether or not anybody has this address. */
  async POST(ctx) {
    ctx.state.title = "Sign in";
    const { form, browserSecret, ip, services: { portal } } = ctx.state;
    const email = String(form.get("email") ?? "");
    const asked = await portal.magicLinks.request({ email, ip, browserSecret });
    if (asked.ok && portal.mode === "simulator") await asked.value.done;
    const state: SignInModel["state"] = asked.ok
      ? { kind: "sent", email, link: sandboxLink(portal, email) }
      : { kind: "form", email, error: asked.error.detail };
    return page<SignInModel>({
      viewer: publicViewer(ctx),
      theme: themeOf(ctx.req),
      state,
      reason: null,
      next: ownPath(form.get("next"), "/portal"),
      providers: [],
    }, { status: asked.ok ? 200 : 422 });
  },
});

export default define.page<typeof handler>(({ data }) => <SignInPage {...data} />);
