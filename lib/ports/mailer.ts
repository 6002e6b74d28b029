export interface Mail {
  readonly to: string;
  readonly subject: string;
  /** Plain text; what every reader sees. */
  readonly text: string;
  readonly html?: string;
}

export type MailOutcome =
  | { readonly kind: "sent" }
  /** Not accepted by the server; `detail` names no secret. */
  | { readonly kind: "failed"; readonly detail: string };

/** Sends one mail to one person. Never throws. */
export interface Mailer {
  send(mail: Mail): Promise<MailOutcome>;
}
