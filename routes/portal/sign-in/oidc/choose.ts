import { HttpError } from "fresh";
import { answerOidc, memberVisit } from "../../(_shared)/oidc_outcome.tsx";
import { define } from "../../(_shared)/portal_state.ts";

export const handler = define.handlers({
  async POST(ctx) {
    const { form, services: { portal: { oidc } } } = ctx.state;
    if (oidc === null) throw new HttpError(404);
    const choice = {
      choiceSecret: form.get("choice") ?? "",
      tenantId: form.get("tenant") ?? "",
    };
    return await answerOidc(ctx, await oidc.choose(choice, memberVisit(ctx)));
  },
});
