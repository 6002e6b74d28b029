import type { Mail } from "@/lib/ports/mailer.ts";
import type { Invitation } from "@/lib/ports/members.ts";

/** Names come from people: a line break in one must not start a line of the mail. */
export function invitationMail(
  { invitation, secret, tenantName, invitedBy, baseUrl }: {
    readonly invitation: Invitation;
    readonly secret: string;
    readonly tenantName: string;
    readonly invitedBy: string;
    readonly baseUrl: string;
  },
): Mail {
  const query = new URLSearchParams({
    tenant: invitation.tenantId,
    invitation: invitation.invitationId,
    code: secret,
  });
  return {
    to: invitation.email,
    subject: "You are invited to Clawmeter",
    text: `${oneLine(invitedBy)} invites you to ${oneLine(tenantName)} on Clawmeter.\n\n` +
      `${baseUrl}/portal/join?${query}\n\n` +
      "The link works once, for seven days. If you did not expect it, ignore this mail.\n",
  };
}

function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, " ").trim();
}
