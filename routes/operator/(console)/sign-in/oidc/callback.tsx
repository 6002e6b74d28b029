import { HttpError, page } from "fresh";
import type { OperatorSignInModel } from "@/components/operator/SignInPage.tsx";
import { define } from "../../../(_shared)/operator_state.ts";
import { OperatorSignIn, signedIn, signInModel, signInVisit } from "../../../(_shared)/sign_in.tsx";

/** Where the provider sends operators back to. Who is an operator is not told to who is none. */
export const handler = define.handlers({
  async GET(ctx) {
    const { browserSecret, requestId, services } = ctx.state;
    const { operatorOidc, operatorSignIn, logger } = services;
    if (operatorOidc === null) throw new HttpError(404);
    const person = await operatorOidc.finish(ctx.url, browserSecret);
    const started = person.ok
      ? await operatorSignIn.byIdentity(person.value, signInVisit(ctx))
      : person;
    if (person.ok && started.ok) {
      return signedIn(ctx, { started: started.value, next: person.value.returnTo });
    }
    if (!started.ok) {
      logger.warn("operator_oidc_refused", { requestId, code: started.error.code });
    }
    const error = { at: "provider", detail: FAILED } as const;
    const model = signInModel(ctx, { error, reason: null, next: "/operator" });
    return page<OperatorSignInModel>(model, { status: 401 });
  },
});

const FAILED = "Signing in there did not work, or you are no operator here";

export default define.page<typeof handler>(({ data }) => <OperatorSignIn {...data} />);
