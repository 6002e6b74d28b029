import { HttpError } from "fresh";
import { changeRole } from "@/lib/tenancy/members.ts";
import { parseRole } from "@/lib/tenancy/roles.ts";
import { memberContext, memberFlash } from "../../../(_shared)/member_context.ts";
import { permit } from "../../../(_shared)/permit.ts";
import { define, done } from "../../../(_shared)/portal_state.ts";
import { askForProof } from "../../../(_shared)/step_up.ts";

export const handler = define.handlers({
  async POST(ctx) {
    permit(ctx, "manage_members");
    const proof = await askForProof(ctx);
    if (proof !== null) return proof;
    const form = ctx.state.form;
    const role = parseRole(String(form.get("role")));
    const was = parseRole(String(form.get("was")));
    if (!role.ok || !was.ok) return done("/portal/members", "refused");
    const changed = await changeRole({
      tenantId: ctx.state.visit.tenant.value.tenantId,
      memberId: decodeURIComponent(ctx.params.member ?? ""),
      role: role.value,
      was: was.value,
    }, memberContext(ctx));
    if (changed.ok) return done("/portal/members", "member_changed");
    if (changed.error.code === "unknown_member") throw new HttpError(404);
    return done("/portal/members", memberFlash(changed.error.code));
  },
});
