import { define } from "../../../(_shared)/operator_state.ts";
import { refusedAnswer } from "../../../(_shared)/sign_in.tsx";

/** What the browser is to sign with a passkey. The challenge is good once, for five minutes. */
export const handler = define.handlers({
  async POST(ctx) {
    const begun = await ctx.state.services.operatorPasskeys.beginSignIn(ctx.state.ip);
    if (!begun.ok) return Response.json(begun.error, refusedAnswer(begun.error));
    return Response.json(begun.value, { headers: { "cache-control": "no-store" } });
  },
});
