import type { MembersModel } from "@/components/portal/MembersPage.tsx";
import type { Sessions } from "@/lib/auth/session.ts";
import { type Say, sayIn } from "@/lib/i18n/portal/messages.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { MemberStore } from "@/lib/ports/members.ts";
import type { PortalVisit } from "./visit.ts";

export async function loadMembers(
  deps: {
    readonly members: MemberStore;
    readonly sessions: Sessions;
    readonly clock: Clock;
  },
  { visit, invite }: {
    readonly visit: PortalVisit;
    readonly invite: MembersModel["invite"];
  },
): Promise<MembersModel> {
  const { tenantId, locale } = visit.tenant.value;
  const say = sayIn(locale);
  const nowMs = deps.clock.nowMs();
  const [members, invitations, sessions] = await Promise.all([
    deps.members.members(tenantId),
    deps.members.invitations(tenantId),
    deps.sessions.list(visit.session.owner),
  ]);
  return {
    members: members.map(({ memberId, email, name, role, lastSignInAtMs }) => ({
      memberId,
      email,
      name,
      role,
      lastSignInAtMs,
      isSelf: memberId === visit.member.memberId,
    })),
    invitations: invitations.filter(({ expiresAtMs }) => nowMs < expiresAtMs)
      .map(({ invitationId, email, role, expiresAtMs, invitedBy }) => ({
        invitationId,
        email,
        role,
        expiresAtMs,
        invitedBy: members.find(({ memberId }) => memberId === invitedBy)?.email ?? null,
      })),
    sessions: sessions.map((session) => ({
      sessionId: session.sessionId,
      createdAtMs: session.createdAtMs,
      lastSeenAtMs: session.lastSeenAtMs,
      device: session.impersonatedBy === null
        ? deviceWords(session.userAgent, say)
        : say("device_operator", { operator: session.impersonatedBy }),
      ip: session.ip,
      isCurrent: session.sessionId === visit.session.sessionId,
    })),
    invite,
  };
}

const BROWSERS = ["Firefox", "Edg", "OPR", "Chrome", "Safari"] as const;
const SYSTEMS = ["Windows", "iPhone", "iPad", "Android", "Mac OS X", "CrOS", "Linux"] as const;

/** Enough of a user agent to tell one's own devices apart; the text itself is not to be trusted. */
export function deviceWords(userAgent: string | null, say: Say = sayIn("en")): string {
  const browser = BROWSERS.find((name) => userAgent?.includes(name));
  const system = SYSTEMS.find((name) => userAgent?.includes(name));
  const name = browser === "Edg" ? "Edge" : browser;
  if (system === undefined) return name ?? say("device_unknown");
  return name === undefined
    ? say("device_no_browser", { system })
    : say("device_on", { browser: name, system });
}
