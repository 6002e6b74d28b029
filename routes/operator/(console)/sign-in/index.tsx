import { page } from "fresh";
import type { OperatorSignInModel } from "@/components/operator/SignInPage.tsx";
import { ownPath } from "@/lib/http/redirect.ts";
import { define } from "../../(_shared)/operator_state.ts";
import {
  OperatorSignIn,
  refusedAnswer,
  signedIn,
  signInModel,
  signInVisit,
} from "../../(_shared)/sign_in.tsx";

export const handler = define.handlers({
  GET(ctx) {
    const { searchParams } = ctx.url;
    const reason = searchParams.get("reason");
    return page<OperatorSignInModel>(signInModel(ctx, {
      error: null,
      reason: reason === "expired" || reason === "step_up" ? reason : null,
      next: ownPath(searchParams.get("next"), "/operator"),
      code: searchParams.get("code"),
    }));
  },
  async POST(ctx) {
    const { form, services } = ctx.state;
    const next = ownPath(form.get("next"), "/operator");
    const token = (form.get("token") ?? "").trim();
    const started = await services.operatorSignIn.byToken(token, signInVisit(ctx));
    if (started.ok) return signedIn(ctx, { started: started.value, next });
    const error = { at: "token", detail: started.error.detail } as const;
    const model = signInModel(ctx, { error, reason: null, next });
    return page<OperatorSignInModel>(model, refusedAnswer(started.error));
  },
});

export default define.page<typeof handler>(({ data }) => <OperatorSignIn {...data} />);
