/** Signing in, errors and mails, in English. */
export const entry = {
  look_in_mail: "Look in your mail",
  fresh_proof: "This needs a fresh proof that it is you: sign in once more.",
  session_ended: "Your session has ended. Sign in again.",
  provider_failed:
    "Signing in did not work. Only who was invited can sign in; try again, or ask for a link.",
  work_email: "Work e-mail",
  link_hint:
    "We send a link that works once, for 10 minutes, in this browser. There is no password.",
  send_link: "Send the link",
  sign_in_with: "Sign in with {provider}",
  link_sent:
    "If {email} belongs to a member, a sign-in link is on its way. It works once, for 10 minutes, in this browser.",
  sandbox_no_mail: "Sandbox: no mail is sent",
  open_link_here: "Open the link here",
  another_address: "Use another address",
  new_link: "Ask for a new link",
  link_from_mail: "Link from the mail",
  link_from_mail_hint: "Paste the whole link, or only its code.",
  link_signs_in: "The link signs you in on this device. It can be used once.",
  continue: "Continue",
  join: "Join",
  accept_invitation: "Accept the invitation",
  your_name: "Your name",
  your_name_hint: "The other members see it.",
  send_again: "Send it again",
  resume_signed_out_title: "Your session has ended",
  resume_signed_out:
    "Nothing was done yet, and what you entered is kept on this page. Sign in in another tab, then send it from here.",
  resume_signed_in_title: "Send it again",
  resume_signed_in:
    "The form was made before you signed in. Nothing was done yet; this sends it as it was.",
  resume_step_up_title: "Prove that it is you",
  resume_step_up:
    "This needs a fresh proof, and you signed in a while ago. Nothing was done yet, and what you entered is kept on this page. Sign in once more in another tab, then send it from here.",
  sign_in_new_tab: "Sign in in a new tab",
  what_will_be_sent: "What will be sent",
  empty_value: "empty",
  which_tenant: "Which tenant?",
  choose_tenant: "Choose a tenant",
  to_portal: "To the portal",
  home: "Home",
  request_named: "Request {id}",
  error_400_title: "That request makes no sense to us",
  error_400: "The address or the form is malformed. Go back and try again.",
  error_403_title: "Not allowed",
  error_403: "You are signed in, but your role does not allow this.",
  error_404_title: "Nothing is here",
  error_404: "The page does not exist, or it is not yours to see.",
  error_405_title: "Wrong way in",
  error_405: "This address does not take that kind of request.",
  error_409_title: "Somebody was faster",
  error_409: "It changed in the meantime. Nothing was overwritten; reload and look again.",
  error_413_title: "Too much at once",
  error_413:
    "What you sent is larger than we take, and nothing of it was kept. Go back and send less.",
  error_429_title: "Too many tries",
  error_429: "Wait a minute, then try again.",
  error_503_title: "Not available right now",
  error_503: "Nothing was counted and nothing was lost. Try again in a moment.",
  error_500_title: "Something went wrong",
  error_500: "It is our fault and it is logged. Try again in a moment.",
  mail_link_subject: "Your sign-in link",
  mail_link_text:
    "Open this link in the browser where you asked for it, within 10 minutes. It works once.",
  mail_link_ignore: "If you did not ask for it, ignore this mail.",
  mail_invitation_subject: "You are invited to Clawmeter",
  mail_invitation_text: "{inviter} invites you to {tenant} on Clawmeter.",
  mail_invitation_ignore:
    "The link works once, for seven days. If you did not expect it, ignore this mail.",
} as const;

export type EntryMessages = Readonly<Record<keyof typeof entry, string>>;
