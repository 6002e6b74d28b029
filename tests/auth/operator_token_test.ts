import { assertEquals } from "@std/assert";
import { checkOperatorToken } from "@/lib/auth/operator_token.ts";
import { sameSecret } from "@/lib/auth/secret.ts";

const TOKEN = "0123456789abcdef0123456789abcdef";

Deno.test("the operator token opens, and nothing that resembles it", () => {
  const verdict = (header: string | null) => {
    const checked = checkOperatorToken(header, TOKEN);
    return checked.ok ? checked.value.operatorId : checked.error.code;
  };
  assertEquals(verdict(`Bearer ${TOKEN}`), "operator");
  assertEquals(verdict(`bearer ${TOKEN}`), "operator");
  for (const text of [TOKEN.slice(1), TOKEN + "0", TOKEN.toUpperCase(), "x"]) {
    assertEquals(verdict(`Bearer ${text}`), "invalid_credential", text);
  }
  for (const header of [null, "", TOKEN, `Basic ${TOKEN}`, `Bearer ${TOKEN} x`, "Bearer "]) {
    assertEquals(verdict(header), "missing_credential", String(header));
  }
});

Deno.test("secrets of different length are compared without a throw", () => {
  assertEquals(sameSecret("a", "aa"), false);
  assertEquals(sameSecret("", ""), true);
  assertEquals(sameSecret("é", "é"), true);
});
