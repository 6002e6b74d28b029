import { assert, assertEquals, assertThrows } from "@std/assert";
import { problemDocument, problemResponse } from "@/lib/http/problem.ts";
import { mergeTables, PROBLEMS } from "@/lib/http/problem_table.ts";

Deno.test("a refusal is told as RFC 9457 says, with code, pointer and request id", async () => {
  const response = problemResponse({
    code: "validation_failed",
    detail: "2 values are wrong",
    pointer: "/a",
    errors: [{ code: "validation_failed", detail: "Wrong", pointer: "/a/0" }],
  }, { requestId: "req_1", extra: { retryable: false } });
  assertEquals(response.status, 422);
  assertEquals(response.headers.get("content-type"), "application/problem+json");
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals(await response.json(), {
    type: "/docs/problems/validation_failed",
    title: "A value is not valid",
    status: 422,
    detail: "2 values are wrong",
    code: "validation_failed",
    pointer: "/a",
    errors: [{ code: "validation_failed", detail: "Wrong", pointer: "/a/0" }],
    request_id: "req_1",
    retryable: false,
  });
});

Deno.test("a 401 says how to authenticate", () => {
  const challenge = (code: string) =>
    problemResponse({ code, detail: "" }).headers.get("www-authenticate");
  assertEquals(challenge("missing_credential"), 'Bearer realm="clawmeter"');
  assertEquals(challenge("expired_credential"), 'Bearer realm="clawmeter", error="invalid_token"');
  assertEquals(challenge("scope_missing"), null);
});

Deno.test("a code like toString is not mistaken for a listed one", () => {
  for (const code of ["toString", "__proto__", "constructor"]) {
    assertEquals(problemDocument({ code, detail: "" })["status"], 422);
  }
});

Deno.test("every code is a stable word with an error status and a title", () => {
  for (const [code, { status, title }] of Object.entries(PROBLEMS)) {
    assert(/^[a-z][a-z0-9_]+$/.test(code), code);
    assert(status >= 400 && status <= 599, code);
    assert(title.length > 5 && !title.endsWith("."), code);
  }
});

Deno.test("two tables can't give one code two meanings", () => {
  const a = { x: { status: 400, title: "X" } };
  assertEquals(mergeTables(a, { x: { status: 400, title: "Other" } })["x"]?.title, "X");
  assertThrows(() => mergeTables(a, { x: { status: 404, title: "X" } }));
});

Deno.test("docs/api.md lists every code with its status", async () => {
  const docs = await Deno.readTextFile(new URL("../../docs/api.md", import.meta.url));
  const rows = [...docs.matchAll(/^\| `([a-z0-9_]+)` \| (\d{3}) \| (.*?) \|$/gm)];
  const documented = rows.map(([, code, status, title]) => `${code} ${status} ${title}`).sort();
  const listed = Object.entries(PROBLEMS)
    .map(([code, { status, title }]) => `${code} ${status} ${title}`).sort();
  assertEquals(documented, listed);
});
