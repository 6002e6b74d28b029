import { HttpError } from "fresh";
import { onOwnSite } from "@/lib/http/own_origin.ts";
import { ownPath, seeOther } from "@/lib/http/redirect.ts";
import { waitPage } from "../../../(_shared)/wait.tsx";
import { define } from "../../(_shared)/portal_state.ts";

/** Off to the provider. It only starts something that this browser alone can finish. */
export const handler = define.handlers({
  async GET(ctx) {
    const { ip, browserSecret, services: { portal } } = ctx.state;
    if (portal.oidc === null) throw new HttpError(404);
    const site = { baseUrl: portal.baseUrl, isSandbox: portal.mode === "simulator" };
    const elsewhere = onOwnSite(ctx.url, site);
    if (elsewhere !== null) return seeOther(elsewhere.href);
    const { searchParams } = ctx.url;
    const begun = await portal.oidc.begin({
      secret: browserSecret,
      returnTo: ownPath(searchParams.get("next"), "/portal"),
      ip,
      fresh: searchParams.get("reason") === "step_up",
    });
    if (begun.ok) return seeOther(begun.value.href);
    if (begun.error.code === "rate_limited") return await waitPage(ctx, begun.error);
    throw new HttpError(503);
  },
});
