import { HttpError } from "fresh";
import { removeMember } from "@/lib/tenancy/members.ts";
import { memberContext, memberFlash } from "../../../(_shared)/member_context.ts";
import { permit } from "../../../(_shared)/permit.ts";
import { define, done } from "../../../(_shared)/portal_state.ts";
import { askForProof } from "../../../(_shared)/step_up.ts";

export const handler = define.handlers({
  async POST(ctx) {
    permit(ctx, "manage_members");
    const proof = await askForProof(ctx);
    if (proof !== null) return proof;
    const { form } = ctx.state;
    if (form.get("confirmation") !== "remove") return done("/portal/members", "not_confirmed");
    const removed = await removeMember({
      tenantId: ctx.state.visit.tenant.value.tenantId,
      memberId: decodeURIComponent(ctx.params.member ?? ""),
    }, memberContext(ctx));
    if (removed.ok) return done("/portal/members", "member_removed");
    if (removed.error.code === "unknown_member") throw new HttpError(404);
    return done("/portal/members", memberFlash(removed.error.code));
  },
});
