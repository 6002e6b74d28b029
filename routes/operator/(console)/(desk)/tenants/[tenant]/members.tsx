import { HttpError, page } from "fresh";
import { tenantPath } from "@/components/operator/TenantLink.tsx";
import { TenantMembersPage } from "@/components/operator/TenantPeoplePages.tsx";
import { setCookie } from "@/lib/http/cookies.ts";
import { seeOther } from "@/lib/http/redirect.ts";
import { flashOfRefusal } from "@/lib/operator/flashes.ts";
import { define, done, field } from "../../../../(_shared)/operator_state.ts";
import { askForProof, proofHref } from "../../../../(_shared)/step_up.ts";
import { tenantOf } from "../../../../(_shared)/tenant_of.ts";

export const handler = define.handlers({
  async GET(ctx) {
    const { tenantId, head } = await tenantOf(ctx);
    return page({
      head,
      members: await ctx.state.services.members.members(tenantId),
      proveHref: proofHref(ctx, tenantPath(tenantId, "members")),
    });
  },
  /** Begins to look through a member's eyes; the portal's own cookie carries it. */
  async POST(ctx) {
    const { tenantId } = await tenantOf(ctx);
    const path = tenantPath(tenantId, "members");
    const proof = await askForProof(ctx);
    if (proof !== null) return proof;
    const { services, visit: { session }, ip, requestId } = ctx.state;
    const member = await services.members.member(tenantId, field(ctx, "member"));
    if (member === null) throw new HttpError(404);
    const userAgent = ctx.req.headers.get("user-agent");
    const started = await services.operatorSignIn.impersonate(session, {
      member: member.value,
      reason: field(ctx, "reason"),
      visit: { ip, userAgent, requestId },
    });
    if (!started.ok) return done(path, flashOfRefusal(started.error));
    const cookie = { name: "sid", value: started.value.secret } as const;
    return seeOther("/portal", {
      "set-cookie": setCookie(cookie, { secure: services.env.secureCookies }),
    });
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <TenantMembersPage frame={state.visit.frame} {...data} />
));
