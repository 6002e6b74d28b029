import type { CopyWords } from "@/islands/CopyButton.tsx";
import type { Say } from "@/lib/i18n/portal/messages.ts";

/** What a copy button says of a key or a snippet. */
export function copyWords(say: Say, what: "copy_key" | "copy_snippet"): CopyWords {
  return {
    copy: say("copy"),
    copied: say("copied"),
    what: say(what),
    status: say("copied_to_clipboard"),
  };
}
