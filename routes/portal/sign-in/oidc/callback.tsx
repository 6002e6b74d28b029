import { HttpError, page } from "fresh";
import { ChooseTenantPage } from "@/components/portal/ChooseTenantPage.tsx";
import { themeOf } from "../../../(_shared)/page_state.ts";
import { publicViewer } from "../../../(_shared)/public_viewer.ts";
import { memberVisit, signedIn } from "../../(_shared)/oidc_visit.ts";
import { define } from "../../(_shared)/portal_state.ts";

/** Back from the provider: signed in, or asked which of several tenants it shall be. */
export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Sign in";
    const { oidc } = ctx.state.services.portal;
    if (oidc === null) throw new HttpError(404);
    const outcome = await oidc.finish(ctx.url, memberVisit(ctx));
    if (outcome.ok && outcome.value.kind === "signed_in") return signedIn(ctx, outcome.value);
    return page({
      viewer: publicViewer(ctx),
      theme: themeOf(ctx.req),
      error: outcome.ok ? null : outcome.error.detail,
      choice: outcome.ok ? outcome.value : null,
    }, { status: outcome.ok ? 200 : 422 });
  },
});

export default define.page<typeof handler>(({ data }) => <ChooseTenantPage {...data} />);
