import { assertEquals, assertNotEquals } from "@std/assert";
import { checkCsrf, csrfToken, type UnsafeRequest } from "@/lib/auth/csrf.ts";

const OWN = "https://meter.example.com";
const secret = "cookie-secret";
const good: UnsafeRequest = {
  method: "POST",
  origin: OWN,
  secFetchSite: "same-origin",
  token: csrfToken(secret),
};

function verdict(change: Partial<UnsafeRequest>, cookieSecret: string | null = secret): string {
  const checked = checkCsrf({ ...good, ...change }, { cookieSecret, ownOrigin: OWN });
  return checked.ok ? "own" : checked.error.code;
}

Deno.test("our own form passes, from browsers that send either header", () => {
  assertEquals(verdict({}), "own");
  assertEquals(verdict({ origin: null }), "own");
  assertEquals(verdict({ secFetchSite: null }), "own");
});

Deno.test("a form of another site is refused even with a good token", () => {
  const foreign: Partial<UnsafeRequest>[] = [
    { origin: "https://evil.com", secFetchSite: "cross-site" },
    { origin: "https://evil.com" },
    { origin: "https://sub.meter.example.com", secFetchSite: "same-site" },
    { secFetchSite: "same-site" },
    { secFetchSite: "cross-site" },
    { secFetchSite: "none", origin: null },
    { origin: "null" },
    { origin: "null", secFetchSite: null },
    { origin: "http://meter.example.com" },
    { origin: `${OWN}.evil.com`, secFetchSite: null },
  ];
  for (const change of foreign) {
    assertEquals(verdict(change), "cross_site_request", JSON.stringify(change));
  }
});

Deno.test("a request that says nothing of where it comes from is refused", () => {
  assertEquals(verdict({ origin: null, secFetchSite: null }), "cross_site_request");
});

Deno.test("a missing, foreign or stale token is refused", () => {
  assertEquals(verdict({ token: null }), "form_expired");
  assertEquals(verdict({ token: "" }), "form_expired");
  assertEquals(verdict({ token: csrfToken("other") }), "form_expired");
  assertEquals(verdict({}, null), "form_expired");
  assertEquals(verdict({ token: csrfToken("") }, null), "form_expired");
});

Deno.test("every unsafe method is checked, and reading never is", () => {
  for (const method of ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"]) {
    assertEquals(verdict({ method, token: null }), "form_expired", method);
  }
  for (const method of ["GET", "HEAD", "OPTIONS"]) {
    assertEquals(verdict({ method, token: null, origin: "https://evil.com" }), "own", method);
  }
});

Deno.test("the token does not show the cookie", () => {
  assertNotEquals(csrfToken(secret), secret);
  assertEquals(csrfToken(secret).includes(secret), false);
});
