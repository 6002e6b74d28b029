import { type Attempts, createAttempts } from "@/lib/auth/attempts.ts";
import { createAuthenticator, parseIssuerCredential } from "@/lib/auth/authenticate.ts";
import { createJwksSource } from "@/lib/auth/jwks_source.ts";
import { createMagicLinks } from "@/lib/auth/magic_link.ts";
import { createMemberOidc } from "@/lib/auth/member_oidc.ts";
import { createOidcSignIn, type OidcSignIn } from "@/lib/auth/oidc.ts";
import { createOperatorPasskeys } from "@/lib/auth/operator_passkeys.ts";
import { createOperatorSignIn } from "@/lib/auth/operator_sign_in.ts";
import { operatorStanding } from "@/lib/auth/operator_token.ts";
import { createPasskeys } from "@/lib/auth/passkeys.ts";
import { createSessions } from "@/lib/auth/session.ts";
import { isLoopbackName, passkeyOrigin } from "@/lib/http/own_origin.ts";
import type { Env } from "@/lib/platform/env.ts";
import { writeToStderr } from "@/lib/platform/json_logger.ts";
import { outboundHttp, systemResolver } from "@/lib/platform/outbound_http.ts";
import { createOutboxMailer, noMailer } from "@/lib/platform/outbox_mailer.ts";
import { createSmtpMailer } from "@/lib/platform/smtp_mailer.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Mailer } from "@/lib/ports/mailer.ts";
import { createConfigCache } from "@/lib/tenancy/config_cache.ts";
import type { Basics, Stores } from "./stores.ts";

export function composeAuth(
  deps: Basics & Stores & { readonly mailer: Mailer; readonly operatorToken: string },
) {
  const { env, clock, ids, logger, mailer, operatorToken } = deps;
  const { epoch } = deps.tenants;
  const callers = createConfigCache({ clock, epoch, load: deps.tenants.callerByKeyHash });
  const issuers = createConfigCache({
    clock,
    epoch,
    load: (credential) => deps.issuers.callerByIssuer(parseIssuerCredential(credential)),
  });
  const keys = createJwksSource({ clock, resolver: systemResolver, outbound: outboundHttp });
  const operators = operatorStanding({ operatorToken, operatorEmails: env.operatorEmails });
  const sessions = createSessions({ store: deps.sessionStore, clock, ids, operators });
  const attempts = createAttempts({ store: deps.attempts, clock });
  const origin = passkeyOrigin({ baseUrl: env.baseUrl, isSandbox: env.mode === "sandbox" });
  const passkeys = createPasskeys({ store: deps.passkeys, oneTime: deps.oneTime, clock, origin });
  const oidc = composeOidc({ ...deps, attempts });
  return {
    callers,
    authenticator: createAuthenticator({
      callers,
      issuers,
      keys,
      clock,
      mode: env.mode === "live" ? "live" : "test",
    }),
    sessions,
    attempts,
    mailer,
    operatorToken,
    operatorSignIn: createOperatorSignIn({
      sessions,
      sessionStore: deps.sessionStore,
      passkeys,
      oneTime: deps.oneTime,
      attempts,
      audit: deps.audit,
      clock,
      ids,
      operatorToken,
      operators,
    }),
    operatorPasskeys: createOperatorPasskeys({
      passkeys,
      store: deps.passkeys,
      attempts,
      audit: deps.audit,
      clock,
      origin,
    }),
    operatorOidc: oidc?.("/operator/sign-in/oidc/callback") ?? null,
    memberOidc: oidc === null ? null : createMemberOidc({
      oidc: oidc("/portal/sign-in/oidc/callback"),
      members: deps.members,
      tenants: deps.tenants,
      oneTime: deps.oneTime,
      sessions,
      clock,
      ids,
    }),
    magicLinks: createMagicLinks({
      members: deps.members,
      tenants: deps.tenants,
      oneTime: deps.oneTime,
      sessions,
      attempts,
      mailer,
      clock,
      ids,
      logger,
      linkFor: (secret) => `${env.baseUrl}/portal/sign-in/confirm?code=${secret}`,
    }),
  };
}

/** Signing in through the configured provider, for a callback of ours; `null` without a provider. */
function composeOidc(
  { env, clock, logger, oneTime, attempts }: Basics & Pick<Stores, "oneTime"> & {
    readonly attempts: Attempts;
  },
): ((callbackPath: string) => OidcSignIn) | null {
  const { oidc } = env;
  if (oidc === null) return null;
  const allowHttp = env.mode === "sandbox" && isLoopbackName(new URL(oidc.issuer).hostname);
  return (callbackPath) =>
    createOidcSignIn({
      ...oidc,
      redirectUri: env.baseUrl + callbackPath,
      oneTime,
      attempts,
      clock,
      logger,
      allowHttp,
    });
}

export function mailerFor(env: Env, clock: Clock): Mailer {
  if (env.smtpUrl !== null) return createSmtpMailer({ url: env.smtpUrl, from: env.mailFrom });
  if (env.mode === "live") return noMailer;
  return createOutboxMailer({
    clock,
    show: ({ to, subject, text }) => writeToStderr(`\nMail to ${to}: ${subject}\n${text}\n`),
  });
}
