import { HttpError } from "fresh";
import { revokeInvitation } from "@/lib/tenancy/members.ts";
import { memberContext } from "../../../(_shared)/member_context.ts";
import { permit } from "../../../(_shared)/permit.ts";
import { define, done } from "../../../(_shared)/portal_state.ts";

export const handler = define.handlers({
  async POST(ctx) {
    permit(ctx, "invite_members");
    const form = ctx.state.form;
    const { tenantId } = ctx.state.visit.tenant.value;
    const invitationId = String(form.get("invitation_id"));
    const revoked = await revokeInvitation({ tenantId, invitationId }, memberContext(ctx));
    if (revoked.ok) return done("/portal/members", "invitation_revoked");
    if (revoked.error.code === "unknown_invitation") throw new HttpError(404);
    return done("/portal/members", "conflict");
  },
});
