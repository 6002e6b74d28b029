import { HttpError } from "fresh";
import { define, passkeyActor } from "../../../../(_shared)/operator_state.ts";

/** What the browser is to make a passkey from. The challenge is good once, for five minutes. */
export const handler = define.handlers({
  async POST(ctx) {
    const begun = await ctx.state.services.operatorPasskeys.beginAdding(passkeyActor(ctx));
    if (!begun.ok) throw new HttpError(403);
    return Response.json(begun.value, { headers: { "cache-control": "no-store" } });
  },
});
