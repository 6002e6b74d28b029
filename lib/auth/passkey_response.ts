import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server";

const LETTERS_MAX = 64 * 1024;

/** What a browser said of a passkey, as a form carried it; what it says is judged afterwards. */
export function parseRegistration(text: string): RegistrationResponseJSON | null {
  const value = parse(text);
  return isRegistration(value) ? value : null;
}

export function parseAuthentication(text: string): AuthenticationResponseJSON | null {
  const value = parse(text);
  return isAuthentication(value) ? value : null;
}

function parse(text: string): unknown {
  if (text.length > LETTERS_MAX) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isRegistration(value: unknown): value is RegistrationResponseJSON {
  return hasAnswer(value, ["clientDataJSON", "attestationObject"]);
}

function isAuthentication(value: unknown): value is AuthenticationResponseJSON {
  return hasAnswer(value, ["clientDataJSON", "authenticatorData", "signature"]);
}

function hasAnswer(value: unknown, members: readonly string[]): boolean {
  if (!isObject(value) || typeof value["id"] !== "string" || value["id"] === "") return false;
  if (value["rawId"] !== value["id"] || value["type"] !== "public-key") return false;
  if (!isObject(value["clientExtensionResults"])) return false;
  const answer = value["response"];
  return isObject(answer) && members.every((member) => typeof answer[member] === "string");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
