import { ownPath, seeOther } from "@/lib/http/redirect.ts";
import { define, field } from "../../(_shared)/operator_state.ts";
import {
  OperatorSignIn,
  refusedAnswer,
  signedIn,
  signInModel,
  signInVisit,
} from "../../(_shared)/sign_in.tsx";

/** The link that a sandbox prints when it starts; a button uses it, so that opening it does not. */
export const handler = define.handlers({
  /** Reloaded after a failure. */
  GET: () => seeOther("/operator/sign-in"),
  async POST(ctx) {
    const next = ownPath(ctx.state.form.get("next"), "/operator");
    const { operatorSignIn } = ctx.state.services;
    const started = await operatorSignIn.byLink(field(ctx, "code"), signInVisit(ctx));
    if (started.ok) return signedIn(ctx, { started: started.value, next });
    const error = { at: "link", detail: started.error.detail } as const;
    const model = signInModel(ctx, { error, reason: null, next });
    return await ctx.render(<OperatorSignIn {...model} />, refusedAnswer(started.error));
  },
});
