import { HttpError } from "fresh";
import { onOwnSite } from "@/lib/http/own_origin.ts";
import { ownPath, seeOther } from "@/lib/http/redirect.ts";
import { waitPage } from "../../../../(_shared)/wait.tsx";
import { define } from "../../../(_shared)/operator_state.ts";

/** Off to the provider. It only starts something that this browser alone can finish. */
export const handler = define.handlers({
  async GET(ctx) {
    const { ip, browserSecret, services: { operatorOidc, env } } = ctx.state;
    if (operatorOidc === null) throw new HttpError(404);
    const site = { baseUrl: env.baseUrl, isSandbox: env.mode === "sandbox" };
    const elsewhere = onOwnSite(ctx.url, site);
    if (elsewhere !== null) return seeOther(elsewhere.href);
    const { searchParams } = ctx.url;
    const begun = await operatorOidc.begin({
      secret: browserSecret,
      returnTo: ownPath(searchParams.get("next"), "/operator"),
      ip,
      fresh: searchParams.get("reason") === "step_up",
    });
    if (begun.ok) return seeOther(begun.value.href);
    if (begun.error.code === "rate_limited") return await waitPage(ctx, begun.error);
    throw new HttpError(503);
  },
});
