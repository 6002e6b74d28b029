import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from "@simplewebauthn/server";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { OneTimeStore, Passkey, PasskeyStore } from "@/lib/ports/sessions.ts";
import { hashSecret } from "./secret.ts";

export interface PasskeyDeps {
  readonly store: PasskeyStore;
  readonly oneTime: OneTimeStore;
  readonly clock: Clock;
  /** Our own origin; passkeys are bound to its host name. */
  readonly origin: string;
}

export interface Passkeys {
  /** Options for the browser of a signed-in operator. */
  beginRegistration(
    operator: { operatorId: string; name: string },
  ): Promise<PublicKeyCredentialCreationOptionsJSON>;
  /** Error: `passkey_invalid`. */
  finishRegistration(
    response: RegistrationResponseJSON,
    passkey: { operatorId: string; name: string },
  ): Promise<Result<Passkey>>;
  beginSignIn(): Promise<PublicKeyCredentialRequestOptionsJSON>;
  /** Whose passkey it is. Error: `passkey_invalid`. */
  finishSignIn(response: AuthenticationResponseJSON): Promise<Result<Passkey>>;
}

const CHALLENGE_LIFE_MS = 5 * 60_000;
const SITE_NAME = "Clawmeter";

/** Passkeys of operators. The library is loaded with the first use. */
export function createPasskeys({ store, oneTime, clock, origin }: PasskeyDeps): Passkeys {
  const rpID = new URL(origin).hostname;

  async function remember(challenge: string, operatorId: string): Promise<void> {
    await oneTime.put(hashSecret(challenge), {
      kind: "passkey_challenge",
      expiresAtMs: clock.nowMs() + CHALLENGE_LIFE_MS,
      browserHash: null,
      data: { operatorId },
    });
  }

  /** Each challenge is ours, young, made for this, and accepted once. */
  async function takeChallenge(challenge: string, operatorId: string): Promise<boolean> {
    const hash = hashSecret(challenge);
    const found = await oneTime.peek(hash);
    if (found === null || found.value.kind !== "passkey_challenge") return false;
    if (clock.nowMs() >= found.value.expiresAtMs) return false;
    if (found.value.data["operatorId"] !== operatorId) return false;
    return await oneTime.take(hash, found.versionstamp);
  }

  return {
    beginRegistration: async ({ operatorId, name }) => {
      const { generateRegistrationOptions } = await import("@simplewebauthn/server");
      const known = await store.passkeys();
      const options = await generateRegistrationOptions({
        rpName: SITE_NAME,
        rpID,
        userName: name,
        userID: new TextEncoder().encode(operatorId),
        attestationType: "none",
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        excludeCredentials: known.filter((passkey) => passkey.operatorId === operatorId)
          .map(({ credentialId }) => ({ id: credentialId })),
      });
      await remember(options.challenge, operatorId);
      return options;
    },

    finishRegistration: async (response, { operatorId, name }) => {
      const { verifyRegistrationResponse } = await import("@simplewebauthn/server");
      try {
        const { verified, registrationInfo } = await verifyRegistrationResponse({
          response,
          expectedChallenge: (challenge) => takeChallenge(challenge, operatorId),
          expectedOrigin: origin,
          expectedRPID: rpID,
          requireUserVerification: true,
        });
        if (!verified) return invalid();
        const { credential } = registrationInfo;
        const passkey: Passkey = {
          credentialId: credential.id,
          operatorId,
          name: name.slice(0, 100),
          publicKey: credential.publicKey,
          counter: credential.counter,
          transports: credential.transports ?? [],
          createdAtMs: clock.nowMs(),
          lastUsedAtMs: null,
        };
        return await store.putPasskey(passkey, null) ? accept(passkey) : invalid();
      } catch {
        return invalid();
      }
    },

    beginSignIn: async () => {
      const { generateAuthenticationOptions } = await import("@simplewebauthn/server");
      const options = await generateAuthenticationOptions({ rpID, userVerification: "required" });
      await remember(options.challenge, "");
      return options;
    },

    finishSignIn: async (response) => {
      const { verifyAuthenticationResponse } = await import("@simplewebauthn/server");
      const found = await store.passkey(response.id);
      if (found === null) return invalid();
      const { credentialId, publicKey, counter } = found.value;
      try {
        const { verified, authenticationInfo } = await verifyAuthenticationResponse({
          response,
          expectedChallenge: (challenge) => takeChallenge(challenge, ""),
          expectedOrigin: origin,
          expectedRPID: rpID,
          requireUserVerification: true,
          credential: { id: credentialId, publicKey, counter },
        });
        if (!verified) return invalid();
        const { newCounter } = authenticationInfo;
        const used = { ...found.value, counter: newCounter, lastUsedAtMs: clock.nowMs() };
        // Two sign-ins with one counter: one of them may be a copied key.
        return await store.putPasskey(used, found.versionstamp) ? accept(used) : invalid();
      } catch {
        return invalid();
      }
    },
  };
}

function invalid(): Result<never> {
  return refuse({ code: "passkey_invalid", detail: "The passkey was not accepted; try again" });
}
