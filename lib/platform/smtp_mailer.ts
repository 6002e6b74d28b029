import type { Mail, Mailer } from "@/lib/ports/mailer.ts";
import { redactText } from "./redact.ts";

const TIMEOUT_MS = 10_000;

/** Mail over SMTP by nodemailer, which is loaded with the first mail and keeps headers in line. */
export function createSmtpMailer({ url, from }: { url: string; from: string }): Mailer {
  let transport: Promise<{ sendMail(mail: Mail & { from: string }): Promise<unknown> }> | null =
    null;

  return {
    send: async (mail) => {
      try {
        transport ??= connect(url);
        await (await transport).sendMail({ ...mail, from });
        return { kind: "sent" };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        return { kind: "failed", detail: redactText(reason) };
      }
    },
  };
}

async function connect(url: string) {
  const { default: nodemailer } = await import("nodemailer");
  return nodemailer.createTransport({
    url,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
  });
}
