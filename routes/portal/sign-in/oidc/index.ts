import { HttpError } from "fresh";
import { ownPath, seeOther } from "@/lib/http/redirect.ts";
import { define } from "../../(_shared)/portal_state.ts";

/**
 * Off to the OpenID Connect provider. A link and not a form, since a browser's form policy would have
 * to name the provider; the flow is bound to this browser all the same.
 */
export const handler = define.handlers({
  async GET(ctx) {
    const { browserSecret, ip, services: { portal } } = ctx.state;
    if (portal.oidc === null) throw new HttpError(404);
    const { searchParams } = ctx.url;
    const started = await portal.oidc.begin({
      secret: browserSecret,
      returnTo: ownPath(searchParams.get("next"), "/portal"),
      ip,
      fresh: searchParams.get("reason") === "step_up",
    });
    if (!started.ok) throw new HttpError(started.error.code === "rate_limited" ? 429 : 503);
    return seeOther(started.value.href);
  },
});
