import { HttpError } from "fresh";
import { define } from "../../../(_shared)/operator_state.ts";

/** What the browser is to sign with a passkey. The challenge is good once, for five minutes. */
export const handler = define.handlers({
  async POST(ctx) {
    const begun = await ctx.state.services.operatorPasskeys.beginSignIn(ctx.state.ip);
    if (!begun.ok) throw new HttpError(429);
    return Response.json(begun.value, { headers: { "cache-control": "no-store" } });
  },
});
