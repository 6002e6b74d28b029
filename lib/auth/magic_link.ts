import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { sayIn } from "@/lib/i18n/portal/messages.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import type { Mailer } from "@/lib/ports/mailer.ts";
import type { Member, MemberStore } from "@/lib/ports/members.ts";
import type { OneTimeRecord, OneTimeStore, Session } from "@/lib/ports/sessions.ts";
import type { TenantStore } from "@/lib/ports/tenancy.ts";
import {
  type Attempts,
  SIGN_IN_PER_ADDRESS,
  SIGN_IN_PER_EMAIL,
  SIGN_IN_PER_PERSON,
} from "./attempts.ts";
import { parseEmail } from "./email.ts";
import { networkOf } from "./network_of.ts";
import { hashSecret, newSecret } from "./secret.ts";
import type { Sessions, StartedSession } from "./session.ts";

export const LINK_LIFE_MS = 10 * 60_000;
/** Links in one mail, for a person who is a member of many tenants. */
const MAX_LINKS = 10;

export interface MagicLinkDeps {
  readonly members: MemberStore;
  readonly tenants: TenantStore;
  readonly oneTime: OneTimeStore;
  readonly sessions: Sessions;
  readonly attempts: Attempts;
  readonly mailer: Mailer;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** The page that shows the button which consumes the link. */
  readonly linkFor: (secret: string) => string;
}

export interface LinkRequest {
  readonly email: string;
  readonly ip: string;
  /** Secret of the browser's cookie: only this browser can use the link. */
  readonly browserSecret: string;
  /** Where the person was going, a path of ours. It is kept with the link, never in it. */
  readonly returnTo: string;
}

export interface LinkUse {
  readonly secret: string;
  readonly browserSecret: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly replaces?: Session | null;
}

export interface LinkSignIn extends StartedSession {
  readonly member: Member;
  readonly returnTo: string | null;
}

export interface MagicLinks {
  /**
   * Answers the same, and as fast, whether or not anybody has this address; `done` is for shutdown
   * and tests. Errors: `validation_failed`, `rate_limited`.
   */
  request(request: LinkRequest): Promise<Result<{ readonly done: Promise<void> }>>;
  /** A link for a member without a mail, bound to no browser: for the operator and the sandbox. */
  issue(member: Member, options?: { readonly lifeMs?: number }): Promise<string>;
  /**
   * Signs in, once; `returnTo` is `null` for a link that nobody asked for on a page.
   * Errors: `sign_in_link_invalid`, `sign_in_link_other_browser`.
   */
  consume(use: LinkUse): Promise<Result<LinkSignIn>>;
}

export function createMagicLinks(deps: MagicLinkDeps): MagicLinks {
  const { members, oneTime, sessions, attempts, clock, ids } = deps;

  async function issue(
    member: Member,
    { lifeMs = LINK_LIFE_MS, browserHash = null, returnTo }: {
      lifeMs?: number;
      browserHash?: string | null;
      returnTo?: string;
    } = {},
  ): Promise<string> {
    const secret = newSecret(ids);
    await oneTime.put(hashSecret(secret), {
      kind: "sign_in_link",
      expiresAtMs: clock.nowMs() + lifeMs,
      browserHash,
      data: {
        tenantId: member.tenantId,
        memberId: member.memberId,
        ...returnTo === undefined ? {} : { returnTo },
      },
    });
    return deps.linkFor(secret);
  }

  async function mailLinks(
    email: string,
    bound: { readonly browserHash: string; readonly returnTo: string },
  ): Promise<void> {
    const own = (await members.memberships(email)).slice(0, MAX_LINKS);
    const lines: string[] = [];
    const locales: string[] = [];
    for (const member of own) {
      const tenant = (await deps.tenants.tenant(member.tenantId))?.value;
      if (tenant === undefined || tenant.status === "closed") continue;
      const link = await issue(member, bound);
      lines.push(`${oneLine(tenant.branding.displayName)}\n${link}`);
      locales.push(tenant.locale);
    }
    if (lines.length === 0) return;
    // One mail for all of a person's tenants, in the language of the first.
    const say = sayIn(locales[0] ?? "en");
    const outcome = await deps.mailer.send({
      to: email,
      subject: say("mail_link_subject"),
      text: `${say("mail_link_text")}\n\n${lines.join("\n\n")}\n\n${say("mail_link_ignore")}\n`,
    });
    if (outcome.kind === "failed") {
      deps.logger.error("sign_in_mail_failed", { detail: outcome.detail });
    }
  }

  return {
    issue,

    request: async ({ email, ip, browserSecret, returnTo }) => {
      const address = parseEmail(email);
      if (!address.ok) return address;
      const network = networkOf(ip);
      const perAddress = await attempts.allow(SIGN_IN_PER_ADDRESS, network);
      if (!perAddress.ok) return perAddress;
      const perPerson = await attempts.allow(SIGN_IN_PER_PERSON, `${address.value} ${network}`);
      if (!perPerson.ok) return perPerson;
      const perEmail = await attempts.allow(SIGN_IN_PER_EMAIL, address.value);
      if (!perEmail.ok) return perEmail;
      // Not awaited: who is a member must not show in how long the answer takes.
      const bound = { browserHash: hashSecret(browserSecret), returnTo };
      const done = mailLinks(address.value, bound).catch((error) => {
        deps.logger.error("sign_in_mail_failed", { error });
      });
      return accept({ done });
    },

    consume: async ({ secret, browserSecret, ...visit }) => {
      const hash = hashSecret(secret);
      const found = await oneTime.peek(hash);
      if (found === null || !isUsable(found.value, clock.nowMs())) return invalidLink();
      const { browserHash, data } = found.value;
      // Judged before it is taken: somebody else who opens the link must not use it up.
      if (browserHash !== null && browserHash !== hashSecret(browserSecret ?? "")) {
        return refuse({
          code: "sign_in_link_other_browser",
          detail: "Open the link in the browser where you asked for it, or ask for a new one here",
        });
      }
      const { tenantId = "", memberId = "", returnTo = null } = data;
      const member = await members.member(tenantId, memberId);
      if (member === null || !await oneTime.take(hash, found.versionstamp)) return invalidLink();
      const started = await sessions.start({
        owner: { kind: "member", tenantId, memberId },
        method: "magic_link",
        ...visit,
      });
      const seen = { ...member.value, lastSignInAtMs: clock.nowMs() };
      await members.putMember(seen, member.versionstamp);
      return accept({ ...started, member: seen, returnTo });
    },
  };
}

function isUsable({ kind, expiresAtMs }: OneTimeRecord, nowMs: number): boolean {
  return kind === "sign_in_link" && nowMs < expiresAtMs;
}

function invalidLink(): Result<never> {
  return refuse({
    code: "sign_in_link_invalid",
    detail: "This link was used already or is too old; ask for a new one",
  });
}

function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, " ").trim();
}
