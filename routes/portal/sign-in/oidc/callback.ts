import { HttpError } from "fresh";
import { answerOidc, memberVisit } from "../../(_shared)/oidc_outcome.tsx";
import { define } from "../../(_shared)/portal_state.ts";

/** Where the provider sends people back to. */
export const handler = define.handlers({
  async GET(ctx) {
    const { oidc } = ctx.state.services.portal;
    if (oidc === null) throw new HttpError(404);
    return await answerOidc(ctx, await oidc.finish(ctx.url, memberVisit(ctx)));
  },
});
