import type { Configuration } from "openid-client";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import type { OneTimeStore } from "@/lib/ports/sessions.ts";
import { type Attempts, OIDC_START } from "./attempts.ts";
import { parseEmail } from "./email.ts";
import { networkOf } from "./network_of.ts";
import { hashSecret } from "./secret.ts";

export interface OidcDeps {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  readonly oneTime: OneTimeStore;
  readonly attempts: Attempts;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Only for a provider on this machine. */
  readonly allowHttp?: boolean;
}

export interface OidcIdentity {
  readonly subject: string;
  /** Proven by the provider (`email_verified`). */
  readonly email: string;
  readonly name: string | null;
  /**
   * When the person last proved to the provider who they are; 0 when it does not say. A provider may
   * send somebody back at once who proved it yesterday.
   */
  readonly provenAtMs: number;
}

export interface OidcStart {
  /** Secret of the browser's cookie: only this browser can finish. */
  readonly secret: string;
  readonly returnTo: string;
  readonly ip: string;
  /** Asks the provider to have the person prove who they are now: a step-up. */
  readonly fresh?: boolean;
}

/** Signing in through an OpenID Connect provider: code flow with PKCE, state and nonce. */
export interface OidcSignIn {
  /** What people know the provider by: its host. */
  readonly providerName: string;
  /** Where to send the browser. Errors: `sign_in_failed` when the provider is away, `rate_limited`. */
  begin(start: OidcStart): Promise<Result<URL>>;
  /** What the provider says, for the callback's whole URL. Error: `sign_in_failed`. */
  finish(
    callback: URL,
    browserSecret: string | null,
  ): Promise<Result<OidcIdentity & { readonly returnTo: string }>>;
}

const FLOW_LIFE_MS = 10 * 60_000;
/** By how much the provider's clock may be behind ours. */
const CLOCK_SKEW_MS = 30_000;

export function createOidcSignIn(deps: OidcDeps): OidcSignIn {
  const { oneTime, clock, logger, redirectUri } = deps;
  let discovered: Promise<Configuration> | null = null;

  function configuration(): Promise<Configuration> {
    discovered ??= discover(deps).catch((error) => {
      // The next sign-in asks again.
      discovered = null;
      throw error;
    });
    return discovered;
  }

  return {
    providerName: new URL(deps.issuer).host,

    begin: async ({ secret, returnTo, ip, fresh = false }) => {
      const allowed = await deps.attempts.allow(OIDC_START, networkOf(ip));
      if (!allowed.ok) return allowed;
      try {
        const client = await import("openid-client");
        const config = await configuration();
        const verifier = client.randomPKCECodeVerifier();
        const [state, nonce] = [client.randomState(), client.randomNonce()];
        await oneTime.put(hashSecret(state), {
          kind: "oidc_state",
          expiresAtMs: clock.nowMs() + FLOW_LIFE_MS,
          browserHash: hashSecret(secret),
          data: {
            verifier,
            nonce,
            returnTo,
            redirectUri,
            provenSinceMs: String(fresh ? clock.nowMs() - CLOCK_SKEW_MS : 0),
          },
        });
        return accept(client.buildAuthorizationUrl(config, {
          redirect_uri: redirectUri,
          scope: "openid email profile",
          code_challenge: await client.calculatePKCECodeChallenge(verifier),
          code_challenge_method: "S256",
          state,
          nonce,
          ...fresh ? { prompt: "login", max_age: "0" } : {},
        }));
      } catch (error) {
        logger.error("oidc_begin_failed", { error });
        return failed("The sign-in service can't be reached; try again in a moment");
      }
    },

    finish: async (callback, browserSecret) => {
      const state = callback.searchParams.get("state") ?? "";
      const flow = await oneTime.peek(hashSecret(state));
      const usable = flow !== null && flow.value.kind === "oidc_state" &&
        clock.nowMs() < flow.value.expiresAtMs &&
        flow.value.data["redirectUri"] === redirectUri &&
        flow.value.browserHash === hashSecret(browserSecret ?? "");
      if (!usable || !await oneTime.take(hashSecret(state), flow.versionstamp)) {
        return failed("This sign-in was not started in this browser, or took too long");
      }
      const { verifier = "", nonce = "", returnTo = "/", provenSinceMs = "0" } = flow.value.data;
      // A proxy may have changed how the address looks to us, but not to the provider.
      const answer = new URL(redirectUri);
      answer.search = callback.search;
      try {
        const client = await import("openid-client");
        const tokens = await client.authorizationCodeGrant(await configuration(), answer, {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        });
        const identity = readIdentity(tokens.claims());
        if (!identity.ok) return identity;
        if (identity.value.provenAtMs < Number(provenSinceMs)) {
          return failed("The sign-in service did not ask who you are anew");
        }
        return accept({ ...identity.value, returnTo });
      } catch (error) {
        logger.warn("oidc_finish_failed", { error });
        return failed("The sign-in service did not confirm who you are");
      }
    },
  };
}

async function discover(
  { issuer, clientId, clientSecret, allowHttp = false }: OidcDeps,
): Promise<Configuration> {
  const client = await import("openid-client");
  const options = allowHttp ? { execute: [client.allowInsecureRequests] } : {};
  return await client.discovery(
    new URL(issuer),
    clientId,
    { token_endpoint_auth_method: "client_secret_basic" },
    client.ClientSecretBasic(clientSecret),
    options,
  );
}

/** An address that the provider has not verified could be anybody's. */
function readIdentity(claims: Readonly<Record<string, unknown>> | undefined): Result<OidcIdentity> {
  const { sub, email, email_verified, name, auth_time } = claims ?? {};
  if (typeof sub !== "string" || typeof email !== "string" || email_verified !== true) {
    return failed("The sign-in service did not give a verified e-mail address");
  }
  const address = parseEmail(email);
  if (!address.ok) return failed("The sign-in service gave an address that can't be read");
  return accept({
    subject: sub,
    email: address.value,
    name: typeof name === "string" ? name : null,
    provenAtMs: typeof auth_time === "number" && auth_time > 0 ? auth_time * 1_000 : 0,
  });
}

function failed(detail: string): Result<never> {
  return refuse({ code: "sign_in_failed", detail });
}
