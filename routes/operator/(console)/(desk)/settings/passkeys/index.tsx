import { type Context, HttpError, page } from "fresh";
import { type PasskeysModel, PasskeysPage } from "@/components/operator/PasskeysPage.tsx";
import { PasskeyButton } from "@/islands/PasskeyButton.tsx";
import { parseRegistration } from "@/lib/auth/passkey_response.ts";
import { refuse } from "@/lib/domain/result.ts";
import {
  define,
  done,
  doneIf,
  field,
  type OperatorState,
  passkeyActor,
} from "../../../../(_shared)/operator_state.ts";
import { askForProof, proofHref } from "../../../../(_shared)/step_up.ts";

const PATH = "/operator/settings/passkeys";
const UNREADABLE = refuse({ code: "passkey_invalid", detail: "The browser sent no passkey" });

export const handler = define.handlers({
  async GET(ctx) {
    return page(await loadPasskeys(ctx, { draft: "", error: null }));
  },
  async POST(ctx) {
    const proof = await askForProof(ctx);
    if (proof !== null) return proof;
    const { operatorPasskeys } = ctx.state.services;
    const actor = passkeyActor(ctx);
    if (field(ctx, "act") === "remove") {
      const removed = await operatorPasskeys.remove(field(ctx, "credential"), actor);
      return doneIf(removed, { path: PATH, flash: "passkey_removed" });
    }
    if (field(ctx, "act") !== "add") throw new HttpError(400);
    const name = field(ctx, "name");
    const response = parseRegistration(field(ctx, "response"));
    const added = response === null || name === ""
      ? UNREADABLE
      : await operatorPasskeys.add({ response, name }, actor);
    if (added.ok) return done(PATH, "passkey_added");
    const { detail } = added.error;
    return page(await loadPasskeys(ctx, { draft: name, error: detail }), { status: 422 });
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <PasskeysPage frame={state.visit.frame} model={data}>
    <PasskeyButton
      act="create"
      optionsHref={`${PATH}/options`}
      csrfToken={state.visit.frame.viewer.csrfToken ?? ""}
      label="Make a passkey"
    />
  </PasskeysPage>
));

async function loadPasskeys(
  ctx: Context<OperatorState>,
  typed: Pick<PasskeysModel, "draft" | "error">,
): Promise<PasskeysModel> {
  ctx.state.title = "Your passkeys";
  const { services: { operatorPasskeys }, visit } = ctx.state;
  const { origin } = operatorPasskeys;
  return {
    ...typed,
    passkeys: await operatorPasskeys.list(visit.operatorId),
    proveHref: proofHref(ctx, PATH),
    passkeysAt: ctx.url.origin === origin ? null : origin + PATH,
  };
}
