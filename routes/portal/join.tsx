import { page, type PageProps } from "fresh";
import { type JoinModel, JoinPage } from "@/components/portal/JoinPage.tsx";
import { faultWords } from "@/lib/portal/fault_words.ts";
import { acceptInvitation } from "@/lib/tenancy/members.ts";
import { themeOf } from "../(_shared)/page_state.ts";
import { publicViewer } from "../(_shared)/public_viewer.ts";
import { define, type PortalState } from "./(_shared)/portal_state.ts";
import { signedIn } from "./(_shared)/signed_in.ts";

/** Accepts an invitation: opening the link does nothing, the button does. */
export const handler = define.handlers({
  GET(ctx) {
    ctx.state.title = ctx.state.say("join");
    const { searchParams } = ctx.url;
    return page<JoinModel>({
      viewer: publicViewer(ctx),
      theme: themeOf(ctx.req),
      tenantId: searchParams.get("tenant") ?? "",
      invitationId: searchParams.get("invitation") ?? "",
      code: searchParams.get("code") ?? "",
      name: "",
      error: null,
    });
  },
  async POST(ctx) {
    ctx.state.title = ctx.state.say("join");
    const { form, ip, requestId, services: { portal } } = ctx.state;
    const field = (name: string) => form.get(name) ?? "";
    const input = {
      tenantId: field("tenant"),
      invitationId: field("invitation"),
      secret: field("code"),
      name: field("name"),
    };
    const { members, sessionStore, clock, ids } = portal;
    const accepted = await acceptInvitation(input, {
      deps: { members, sessions: sessionStore, clock, ids },
      act: { actor: { kind: "member", id: input.invitationId }, ip, requestId },
    });
    if (!accepted.ok) {
      return page<JoinModel>({
        viewer: publicViewer(ctx),
        theme: themeOf(ctx.req),
        tenantId: input.tenantId,
        invitationId: input.invitationId,
        code: input.secret,
        name: input.name,
        error: faultWords(accepted.error, ctx.state.say),
      }, { status: 422 });
    }
    const { tenantId, memberId } = accepted.value;
    const started = await portal.sessions.start({
      owner: { kind: "member", tenantId, memberId },
      method: "magic_link",
      ip,
      userAgent: ctx.req.headers.get("user-agent"),
      replaces: ctx.state.session ?? null,
    });
    return signedIn(ctx, { ...started, returnTo: "/portal" });
  },
});

export default function JoinRoute({ data }: PageProps<JoinModel, PortalState>) {
  return <JoinPage {...data} />;
}
