import type { Clock } from "@/lib/ports/clock.ts";
import type { Mail, Mailer } from "@/lib/ports/mailer.ts";

/** Says of every mail that it was not sent: a sign-in link belongs into no log of a live service. */
export const noMailer: Mailer = {
  send: () => Promise.resolve({ kind: "failed", detail: "No mail server is configured: SMTP_URL" }),
};

export interface KeptMail extends Mail {
  readonly atMs: number;
}

export interface OutboxMailer extends Mailer {
  /** Newest first. */
  mails(to?: string): readonly KeptMail[];
}

const MAX_KEPT = 100;

/**
 * Keeps mails in memory in place of sending them, and shows each to whoever started the process.
 * Never with a live key: sign-in links pass through it.
 */
export function createOutboxMailer(
  { clock, show }: { clock: Clock; show: (mail: KeptMail) => void },
): OutboxMailer {
  const kept: KeptMail[] = [];
  return {
    send: (mail) => {
      const entry = { ...mail, atMs: clock.nowMs() };
      kept.unshift(entry);
      kept.length = Math.min(kept.length, MAX_KEPT);
      show(entry);
      return Promise.resolve({ kind: "sent" });
    },
    mails: (to) => to === undefined ? [...kept] : kept.filter((mail) => mail.to === to),
  };
}
