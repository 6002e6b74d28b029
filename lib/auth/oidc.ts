import type { Configuration } from "openid-client";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import type { OneTimeStore } from "@/lib/ports/sessions.ts";
import { parseEmail } from "./email.ts";
import { hashSecret } from "./secret.ts";

export interface OidcDeps {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  readonly oneTime: OneTimeStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Only for tests with a provider on this machine. */
  readonly allowHttp?: boolean;
}

export interface OidcIdentity {
  readonly subject: string;
  /** Proven by the provider (`email_verified`). */
  readonly email: string;
  readonly name: string | null;
}

/** Signing in through an OpenID Connect provider: code flow with PKCE, state and nonce. */
export interface OidcSignIn {
  /** Where to send the browser. Error: `sign_in_failed` when the provider can't be reached. */
  begin(browser: { secret: string; returnTo: string }): Promise<Result<URL>>;
  /** What the provider says, for the callback's whole URL. Error: `sign_in_failed`. */
  finish(
    callback: URL,
    browserSecret: string | null,
  ): Promise<Result<OidcIdentity & { readonly returnTo: string }>>;
}

const FLOW_LIFE_MS = 10 * 60_000;

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
    begin: async ({ secret, returnTo }) => {
      try {
        const client = await import("openid-client");
        const config = await configuration();
        const verifier = client.randomPKCECodeVerifier();
        const [state, nonce] = [client.randomState(), client.randomNonce()];
        await oneTime.put(hashSecret(state), {
          kind: "oidc_state",
          expiresAtMs: clock.nowMs() + FLOW_LIFE_MS,
          browserHash: hashSecret(secret),
          data: { verifier, nonce, returnTo },
        });
        return accept(client.buildAuthorizationUrl(config, {
          redirect_uri: redirectUri,
          scope: "openid email profile",
          code_challenge: await client.calculatePKCECodeChallenge(verifier),
          code_challenge_method: "S256",
          state,
          nonce,
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
        flow.value.browserHash === hashSecret(browserSecret ?? "");
      if (!usable || !await oneTime.take(hashSecret(state), flow.versionstamp)) {
        return failed("This sign-in was not started in this browser, or took too long");
      }
      const { verifier = "", nonce = "", returnTo = "/" } = flow.value.data;
      try {
        const client = await import("openid-client");
        const tokens = await client.authorizationCodeGrant(await configuration(), callback, {
          pkceCodeVerifier: verifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        });
        const identity = readIdentity(tokens.claims());
        return identity.ok ? accept({ ...identity.value, returnTo }) : identity;
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
  const { sub, email, email_verified, name } = claims ?? {};
  if (typeof sub !== "string" || typeof email !== "string" || email_verified !== true) {
    return failed("The sign-in service did not give a verified e-mail address");
  }
  const address = parseEmail(email);
  if (!address.ok) return failed("The sign-in service gave an address that can't be read");
  return accept({
    subject: sub,
    email: address.value,
    name: typeof name === "string" ? name : null,
  });
}

function failed(detail: string): Result<never> {
  return refuse({ code: "sign_in_failed", detail });
}
