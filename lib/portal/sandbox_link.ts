import type { Mail, Mailer } from "@/lib/ports/mailer.ts";
import type { PortalServices } from "./services.ts";

/** A mailer that keeps mails instead of sending them; newest first. */
interface KeepingMailer extends Mailer {
  mails(to?: string): readonly Mail[];
}

/**
 * The sign-in link that was just "sent", to be shown on the page: only in the sandbox, where no mail
 * leaves the process. `null` everywhere else.
 */
export function sandboxLink(
  { mode, mailer }: Pick<PortalServices["portal"], "mode" | "mailer">,
  email: string,
): string | null {
  if (mode !== "simulator" || !keepsMails(mailer)) return null;
  const [newest] = mailer.mails(email.trim().toLowerCase());
  return /https?:\/\/\S+\/portal\/sign-in\/confirm\S+/.exec(newest?.text ?? "")?.[0] ?? null;
}

function keepsMails(mailer: Mailer): mailer is KeepingMailer {
  return "mails" in mailer && typeof mailer.mails === "function";
}
