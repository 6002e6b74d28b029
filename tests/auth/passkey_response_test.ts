import { assertEquals } from "@std/assert";
import { parseAuthentication, parseRegistration } from "@/lib/auth/passkey_response.ts";

const REGISTRATION = {
  id: "a",
  rawId: "a",
  type: "public-key",
  clientExtensionResults: {},
  response: { clientDataJSON: "x", attestationObject: "y" },
};
const AUTHENTICATION = {
  ...REGISTRATION,
  response: { clientDataJSON: "x", authenticatorData: "y", signature: "z" },
};

Deno.test("what a browser says of a passkey is read", () => {
  assertEquals(parseRegistration(JSON.stringify(REGISTRATION)), REGISTRATION as unknown);
  assertEquals(parseAuthentication(JSON.stringify(AUTHENTICATION)), AUTHENTICATION as unknown);
});

Deno.test("anything else is nothing, and never a surprise", () => {
  const wrong: unknown[] = [
    null,
    [],
    "text",
    { ...REGISTRATION, id: 1 },
    { ...REGISTRATION, id: "" },
    { ...REGISTRATION, rawId: "b" },
    { ...REGISTRATION, type: "password" },
    { ...REGISTRATION, clientExtensionResults: null },
    { ...REGISTRATION, response: null },
    { ...REGISTRATION, response: { clientDataJSON: "x", attestationObject: 1 } },
    { ...REGISTRATION, padding: "x".repeat(65_536) },
  ];
  for (const value of wrong) {
    assertEquals(parseRegistration(JSON.stringify(value)), null);
    assertEquals(parseAuthentication(JSON.stringify(value)), null);
  }
  assertEquals(parseRegistration("{"), null);
  assertEquals(parseRegistration(JSON.stringify(AUTHENTICATION)), null, "not for the other use");
});
