import { page } from "fresh";
import { MembersPage } from "@/components/portal/MembersPage.tsx";
import type { Refusal } from "@/lib/domain/result.ts";
import { faultWords } from "@/lib/portal/fault_words.ts";
import { invitationMail } from "@/lib/portal/invitation_mail.ts";
import { loadMembers } from "@/lib/portal/load_members.ts";
import { mayInvite } from "@/lib/portal/may_invite.ts";
import { inviteMember } from "@/lib/tenancy/members.ts";
import { parseRole } from "@/lib/tenancy/roles.ts";
import { retryAfter } from "../../../(_shared)/wait.tsx";
import { memberContext } from "../../(_shared)/member_context.ts";
import { permit } from "../../(_shared)/permit.ts";
import { define, done } from "../../(_shared)/portal_state.ts";
import { askForProof } from "../../(_shared)/step_up.ts";

const NO_DRAFT = { email: "", role: "viewer", error: null } as const;

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = ctx.state.say("nav_members");
    const { visit, services } = ctx.state;
    return page(await loadMembers(services.portal, { visit, invite: NO_DRAFT }));
  },
  async POST(ctx) {
    permit(ctx, "invite_members");
    ctx.state.title = ctx.state.say("nav_members");
    const proof = await askForProof(ctx);
    if (proof !== null) return proof;
    const { visit, services: { portal } } = ctx.state;
    const form = ctx.state.form;
    const email = String(form.get("email") ?? "");
    const role = parseRole(String(form.get("role")));
    if (!role.ok) return done("/portal/members", "refused");
    if (role.value === "owner") permit(ctx, "manage_members");
    const { tenantId, branding, locale } = visit.tenant.value;
    const again = async (refusal: Refusal, status: number) => {
      const error = faultWords(refusal, ctx.state.say);
      const invite = { email, role: role.value, error };
      return page(await loadMembers(portal, { visit, invite }), {
        status,
        headers: retryAfter(refusal),
      });
    };
    const allowed = await mayInvite(portal.attempts, { tenantId, email });
    if (!allowed.ok) return await again(allowed.error, 429);
    const invited = await inviteMember({ tenantId, email, role: role.value }, memberContext(ctx));
    if (!invited.ok) return await again(invited.error, 422);
    const { invitation, secret } = invited.value;
    const mail = invitationMail({
      invitation,
      secret,
      tenantName: branding.displayName,
      invitedBy: visit.member.email,
      baseUrl: portal.baseUrl,
      locale,
    });
    const outcome = await portal.mailer.send(mail);
    return done("/portal/members", outcome.kind === "sent" ? "member_invited" : "mail_failed");
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <MembersPage frame={state.visit.frame} model={data} />
));
