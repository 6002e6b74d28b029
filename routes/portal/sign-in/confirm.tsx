import { page, type PageProps } from "fresh";
import { type SignInModel, SignInPage } from "@/components/portal/SignInPage.tsx";
import { ownPath } from "@/lib/http/redirect.ts";
import { faultWords } from "@/lib/portal/fault_words.ts";
import { themeOf } from "../../(_shared)/page_state.ts";
import { publicViewer } from "../../(_shared)/public_viewer.ts";
import { define, type PortalState } from "../(_shared)/portal_state.ts";
import { signedIn } from "../(_shared)/signed_in.ts";

/** Opening the link does nothing; the button on the page uses it, once. */
export const handler = define.handlers({
  GET(ctx) {
    ctx.state.title = ctx.state.say("sign_in");
    const { searchParams } = ctx.url;
    return page<SignInModel>({
      viewer: publicViewer(ctx),
      theme: themeOf(ctx.req),
      state: { kind: "confirm", token: searchParams.get("code") ?? "", error: null },
      reason: null,
      next: ownPath(searchParams.get("next"), "/portal"),
      providers: [],
    });
  },
  async POST(ctx) {
    ctx.state.title = ctx.state.say("sign_in");
    const { form, browserSecret, ip, session = null, services: { portal } } = ctx.state;
    const next = ownPath(form.get("next"), "/portal");
    const used = await portal.magicLinks.consume({
      secret: codeOf(form.get("token") ?? ""),
      browserSecret,
      ip,
      userAgent: ctx.req.headers.get("user-agent"),
      replaces: session,
    });
    if (used.ok) return signedIn(ctx, { ...used.value, returnTo: used.value.returnTo ?? next });
    return page<SignInModel>({
      viewer: publicViewer(ctx),
      theme: themeOf(ctx.req),
      state: { kind: "confirm", token: "", error: faultWords(used.error, ctx.state.say) },
      reason: null,
      next,
      providers: [],
    }, { status: 422 });
  },
});

/** People may paste the whole link. */
function codeOf(text: string): string {
  return text.trim().replace(/^.*[?&]code=/, "").replace(/&.*$/, "");
}

export default function ConfirmRoute({ data }: PageProps<SignInModel, PortalState>) {
  return <SignInPage {...data} />;
}
