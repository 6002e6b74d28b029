import { parseAuthentication } from "@/lib/auth/passkey_response.ts";
import { refuse } from "@/lib/domain/result.ts";
import { ownPath, seeOther } from "@/lib/http/redirect.ts";
import { define, field } from "../../../(_shared)/operator_state.ts";
import {
  OperatorSignIn,
  refusedAnswer,
  signedIn,
  signInModel,
  signInVisit,
} from "../../../(_shared)/sign_in.tsx";

const UNREADABLE = refuse({ code: "passkey_invalid", detail: "The browser sent no passkey" });

export const handler = define.handlers({
  /** Reloaded after a failure. */
  GET: () => seeOther("/operator/sign-in"),
  async POST(ctx) {
    const next = ownPath(ctx.state.form.get("next"), "/operator");
    const response = parseAuthentication(field(ctx, "response"));
    const started = response === null
      ? UNREADABLE
      : await ctx.state.services.operatorSignIn.byPasskey(response, signInVisit(ctx));
    if (started.ok) return signedIn(ctx, { started: started.value, next });
    const error = { at: "passkey", detail: started.error.detail } as const;
    const model = signInModel(ctx, { error, reason: null, next });
    return await ctx.render(<OperatorSignIn {...model} />, refusedAnswer(started.error));
  },
});
