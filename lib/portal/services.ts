import type { Attempts } from "@/lib/auth/attempts.ts";
import type { MagicLinks } from "@/lib/auth/magic_link.ts";
import type { MemberOidc } from "@/lib/auth/member_oidc.ts";
import type { Sessions } from "@/lib/auth/session.ts";
import type { ProviderMode } from "@/lib/ports/billing_provider.ts";
import type { Mailer } from "@/lib/ports/mailer.ts";
import type { MemberStore } from "@/lib/ports/members.ts";
import type { Notifier } from "@/lib/ports/notifier.ts";
import type { KeptAnswer } from "@/lib/ports/submissions.ts";
import type { Scheduler } from "@/lib/ports/scheduler.ts";
import type { SessionStore } from "@/lib/ports/sessions.ts";
import type { PortalDeps } from "./deps.ts";
import type { LiveFeed } from "./live_feed.ts";
import type { Submissions } from "./submissions.ts";

/** What the portal's routes need from the composition root. */
export interface PortalServices {
  readonly portal: PortalDeps & {
    readonly members: MemberStore;
    readonly sessions: Sessions;
    readonly sessionStore: SessionStore;
    readonly attempts: Attempts;
    readonly magicLinks: MagicLinks;
    /** `null` where no OpenID Connect provider is configured. */
    readonly oidc: MemberOidc | null;
    readonly submissions: Submissions<KeptAnswer>;
    readonly mailer: Mailer;
    readonly notifier: Notifier;
    readonly scheduler: Scheduler;
    readonly live: LiveFeed;
    /** Where people and snippets reach us, without a slash at the end. */
    readonly baseUrl: string;
    readonly secureCookies: boolean;
    readonly mode: ProviderMode;
  };
}
