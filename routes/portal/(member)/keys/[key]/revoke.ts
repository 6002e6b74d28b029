import { HttpError } from "fresh";
import { revokeApiKey } from "@/lib/tenancy/api_keys.ts";
import { permit } from "../../../(_shared)/permit.ts";
import { define, done } from "../../../(_shared)/portal_state.ts";

export const handler = define.handlers({
  async POST(ctx) {
    permit(ctx, "manage_keys");
    const { form } = ctx.state;
    if (form.get("confirmation") !== "revoke") return done("/portal/keys", "not_confirmed");
    const { tenantId } = ctx.state.visit.tenant.value;
    const keyId = decodeURIComponent(ctx.params.key ?? "");
    const revoked = await revokeApiKey(
      { tenantId, keyId },
      { deps: ctx.state.services.portal, act: ctx.state.visit.act },
    );
    if (revoked.ok) return done("/portal/keys", "key_revoked");
    if (revoked.error.code === "unknown_key") throw new HttpError(404);
    return done("/portal/keys", revoked.error.code === "conflict" ? "conflict" : "refused");
  },
});
