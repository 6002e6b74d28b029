/** A passkey in software (WebAuthn level 2, attestation "none"), for tests of our own server side. */
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server";

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const HAS_CREDENTIAL = 0x40;

export interface SoftAuthenticator {
  readonly credentialId: string;
  register(
    challenge: string,
    change?: Partial<CeremonyChange>,
  ): Promise<RegistrationResponseJSON>;
  signIn(
    challenge: string,
    change?: Partial<CeremonyChange>,
  ): Promise<AuthenticationResponseJSON>;
}

/** What an attacker, or a broken browser, might send instead. */
export interface CeremonyChange {
  readonly origin: string;
  readonly rpId: string;
  readonly verified: boolean;
  readonly counter: number;
}

export async function createSoftAuthenticator(
  defaults: { readonly origin: string; readonly rpId: string },
): Promise<SoftAuthenticator> {
  const curve = { name: "ECDSA", namedCurve: "P-256" } as const;
  const pair = await crypto.subtle.generateKey(curve, true, ["sign", "verify"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const id = crypto.getRandomValues(new Uint8Array(16));
  // deno-lint-ignore prefer-const -- it counts up in a default below
  let used = 0;

  async function authenticatorData(
    { rpId = defaults.rpId, verified = true, counter = ++used }: Partial<CeremonyChange>,
    credential: Uint8Array = new Uint8Array(),
  ): Promise<Uint8Array<ArrayBuffer>> {
    const flags = USER_PRESENT | (verified ? USER_VERIFIED : 0) |
      (credential.length > 0 ? HAS_CREDENTIAL : 0);
    const count = new Uint8Array(4);
    new DataView(count.buffer).setUint32(0, counter);
    return concat(
      await sha256(new TextEncoder().encode(rpId)),
      Uint8Array.of(flags),
      count,
      credential,
    );
  }

  function clientData(type: string, challenge: string, origin = defaults.origin) {
    return new TextEncoder().encode(
      JSON.stringify({ type, challenge, origin, crossOrigin: false }),
    );
  }

  return {
    credentialId: base64Url(id),

    register: async (challenge, change = {}) => {
      const coseKey = cborMap([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, point.slice(1, 33)],
        [-3, point.slice(33)],
      ]);
      const credential = concat(new Uint8Array(16), Uint8Array.of(0, id.length), id, coseKey);
      const authData = await authenticatorData(change, credential);
      const attestation = cborMap([["fmt", "none"], ["attStmt", []], ["authData", authData]]);
      return {
        id: base64Url(id),
        rawId: base64Url(id),
        type: "public-key",
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64Url(clientData("webauthn.create", challenge, change.origin)),
          attestationObject: base64Url(attestation),
        },
      };
    },

    signIn: async (challenge, change = {}) => {
      const authData = await authenticatorData(change);
      const client = clientData("webauthn.get", challenge, change.origin);
      const signature = await crypto.subtle.sign(
        { name: "ECDSA", hash: "SHA-256" },
        pair.privateKey,
        concat(authData, await sha256(client)),
      );
      return {
        id: base64Url(id),
        rawId: base64Url(id),
        type: "public-key",
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64Url(client),
          authenticatorData: base64Url(authData),
          signature: base64Url(toDer(new Uint8Array(signature))),
        },
      };
    },
  };
}

type CborKey = string | number;
type CborValue = string | number | Uint8Array | [];

/** Just enough CBOR: small integers, text, bytes, and an empty map for `[]`. */
function cborMap(entries: readonly (readonly [CborKey, CborValue])[]): Uint8Array<ArrayBuffer> {
  return concat(
    cborHead(5, entries.length),
    ...entries.flatMap(([key, value]) => [cborValue(key), cborValue(value)]),
  );
}

function cborValue(value: CborValue): Uint8Array<ArrayBuffer> {
  if (typeof value === "number") return value < 0 ? cborHead(1, -1 - value) : cborHead(0, value);
  if (typeof value === "string") {
    const text = new TextEncoder().encode(value);
    return concat(cborHead(3, text.length), text);
  }
  if (value instanceof Uint8Array) return concat(cborHead(2, value.length), value);
  return cborHead(5, 0);
}

function cborHead(major: number, size: number): Uint8Array<ArrayBuffer> {
  if (size < 24) return Uint8Array.of(major << 5 | size);
  if (size < 256) return Uint8Array.of(major << 5 | 24, size);
  return Uint8Array.of(major << 5 | 25, size >> 8, size & 255);
}

/** WebCrypto signs as r || s; WebAuthn wants the pair in DER. */
function toDer(signature: Uint8Array): Uint8Array<ArrayBuffer> {
  const integer = (bytes: Uint8Array) => {
    let start = 0;
    while (start < bytes.length - 1 && bytes[start] === 0) start++;
    const padded = (bytes[start] ?? 0) >= 0x80
      ? concat(Uint8Array.of(0), bytes.slice(start))
      : bytes.slice(start);
    return concat(Uint8Array.of(2, padded.length), padded);
  };
  const body = concat(integer(signature.slice(0, 32)), integer(signature.slice(32)));
  return concat(Uint8Array.of(0x30, body.length), body);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_")
    .replaceAll("=", "");
}
