import { sayIn } from "@/lib/i18n/portal/messages.ts";
import type { Mail } from "@/lib/ports/mailer.ts";
import type { Invitation } from "@/lib/ports/members.ts";

/** Names come from people: a line break in one must not start a line of the mail. */
export function invitationMail(
  { invitation, secret, tenantName, invitedBy, baseUrl, locale }: {
    readonly invitation: Invitation;
    readonly secret: string;
    readonly tenantName: string;
    readonly invitedBy: string;
    readonly baseUrl: string;
    /** Of the tenant. */
    readonly locale: string;
  },
): Mail {
  const say = sayIn(locale);
  const query = new URLSearchParams({
    tenant: invitation.tenantId,
    invitation: invitation.invitationId,
    code: secret,
  });
  const who = { inviter: oneLine(invitedBy), tenant: oneLine(tenantName) };
  return {
    to: invitation.email,
    subject: say("mail_invitation_subject"),
    text: `${say("mail_invitation_text", who)}\n\n` +
      `${baseUrl}/portal/join?${query}\n\n` +
      `${say("mail_invitation_ignore")}\n`,
  };
}

function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, " ").trim();
}
