import type { Clock } from "@/lib/ports/clock.ts";
import type { Mail, Mailer } from "@/lib/ports/mailer.ts";

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
 * Only for the sandbox: sign-in links pass through it.
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
