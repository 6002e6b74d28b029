/** What every answer carries, whichever way it came about. */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { HttpError } from "fresh";
import { h } from "preact";
import { ClawmeterApp, type ShellOptions } from "@/lib/http/app.ts";
import type { State } from "@/lib/http/state.ts";
import { StorageUnavailable } from "@/lib/ports/storage.ts";
import { FixedClock, MemoryLogger } from "@/tests/support/fixed_effects.ts";
import { seededIds } from "@/tests/support/seeded_ids.ts";

function open(change: Partial<ShellOptions> = {}) {
  const logger = new MemoryLogger();
  const answers: number[] = [];
  const app = new ClawmeterApp<State>().shell({
    ids: seededIds(),
    clock: new FixedClock(),
    logger,
    trustProxy: false,
    logCalls: false,
    secure: true,
    onAnswer: (_facts, status) => void answers.push(status),
    ...change,
  });
  app.get("/v1/ok", (ctx) => ctx.json({ requestId: ctx.state.requestId, ip: ctx.state.ip }));
  app.get("/v1/crash", () => {
    throw new Error("cm_live_secret leaked?");
  });
  app.get("/v1/missing", () => {
    throw new HttpError(404);
  });
  app.get("/v1/storage", () => {
    throw new StorageUnavailable("down");
  });
  app.get("/v1/moved", () => Response.redirect("http://localhost/elsewhere"));
  app.get("/page", (ctx) => ctx.render(h("p", null, "hello", h("script", null, "1"))));
  app.get("/page/cookies", () => {
    const headers = new Headers([
      ["set-cookie", "theme=dark; Path=/"],
      ["set-cookie", "sid=1; Path=/; Secure; HttpOnly"],
    ]);
    return new Response(null, { status: 303, headers });
  });
  app.get("/page/crash", () => {
    throw new Error("boom");
  });
  app.get("/page/:name", (ctx) => ctx.text(ctx.params["name"] ?? ""));
  const handle = app.handler();
  const ask = (path: string, init?: RequestInit) =>
    handle(new Request(`http://localhost${path}`, init));
  return { ask, handle, logger, answers };
}

const EVERY_PATH = [
  "/v1/ok",
  "/v1/crash",
  "/v1/missing",
  "/v1/storage",
  "/v1/moved",
  "/v1/nothing",
  "/v1/%",
  "/page",
  "/page/crash",
  "/page/%zz",
  "/page/%c0%af",
  "/nothing",
  "/%",
  "//v1//nothing",
];

for (const path of EVERY_PATH) {
  Deno.test(`${path} is answered with a request id, security headers and one count`, async () => {
    const { ask, answers } = open();
    const answer = await ask(path);
    await answer.body?.cancel();
    assertMatch(answer.headers.get("request-id") ?? "", /^req_/);
    assertEquals(answer.headers.get("x-content-type-options"), "nosniff");
    assertMatch(answer.headers.get("strict-transport-security") ?? "", /^max-age=63072000/);
    assertEquals(answers, [answer.status]);
    assert(answer.status < 500 || /crash|storage/.test(path), String(answer.status));
  });
}

Deno.test("machines get every error as a problem that says nothing of the inside", async () => {
  const { ask, logger } = open();
  const table: [string, number, string][] = [
    ["/v1/crash", 500, "internal_error"],
    ["/v1/missing", 404, "not_found"],
    ["/v1/storage", 503, "unavailable"],
    ["/v1/nothing", 404, "not_found"],
    ["/v1/%", 400, "malformed_url"],
    ["/webhooks/none", 404, "not_found"],
    ["/operator/v1/none", 404, "not_found"],
    ["//v1/nothing", 404, "not_found"],
  ];
  for (const [path, status, code] of table) {
    const answer = await ask(path);
    assertEquals(answer.status, status, path);
    assertEquals(answer.headers.get("content-type"), "application/problem+json", path);
    assertEquals(answer.headers.get("cache-control"), "no-store");
    const text = await answer.text();
    const problem = JSON.parse(text);
    assertEquals(problem.code, code, path);
    assertEquals(problem.status, status);
    assertEquals(problem.request_id, answer.headers.get("request-id"));
    assertEquals(text.includes("leaked"), false);
  }
  assertEquals((await ask("/v1/storage")).headers.get("retry-after"), "1");
  const failed = logger.lines.filter(({ event }) => event === "request_failed");
  assertEquals(failed.length, 3);
  assert(failed[0]?.fields["error"] instanceof Error);
});

Deno.test("a wrong method on an API path is a problem, an unknown verb anywhere too", async () => {
  const { ask } = open();
  const wrong = await ask("/v1/ok", { method: "DELETE" });
  assertEquals([wrong.status, (await wrong.json()).code], [405, "method_not_allowed"]);
  const unknown = await ask("/page", { method: "BREW" });
  assertEquals([unknown.status, (await unknown.json()).code], [405, "method_not_allowed"]);
});

Deno.test("a page tells which methods it takes, and refuses others before any handler", async () => {
  const { ask } = open();
  const allow = "GET, HEAD, POST, OPTIONS";
  const options = await ask("/page", { method: "OPTIONS" });
  assertEquals([options.status, options.headers.get("allow")], [204, allow]);
  for (const method of ["PUT", "PATCH", "DELETE"]) {
    const answer = await ask("/page", { method });
    assertEquals([answer.status, answer.headers.get("allow")], [405, allow], method);
    assertEquals((await answer.json()).code, "method_not_allowed");
  }
});

Deno.test("a handler knows its request id and the caller's address", async () => {
  const { handle } = open();
  const info: Deno.ServeHandlerInfo = {
    remoteAddr: { transport: "tcp", hostname: "203.0.113.5", port: 1 },
    completed: Promise.resolve(),
  };
  const req = new Request("http://localhost/v1/ok", { headers: { "x-forwarded-for": "6.6.6.6" } });
  const answer = await handle(req, info);
  const body = await answer.json();
  assertEquals(body, { requestId: answer.headers.get("request-id"), ip: "203.0.113.5" });
});

Deno.test("behind a trusted proxy the address is the one that the proxy wrote", async () => {
  const { ask } = open({ trustProxy: true });
  const headers = { "x-forwarded-for": "6.6.6.6, 198.51.100.7" };
  assertEquals((await (await ask("/v1/ok", { headers })).json()).ip, "198.51.100.7");
});

Deno.test("a page's scripts run by its own nonce, which no two pages share", async () => {
  const { ask } = open();
  const read = async () => {
    const answer = await ask("/page");
    const policy = answer.headers.get("content-security-policy") ?? "";
    const nonce = /script-src 'self' 'nonce-([^']+)'/.exec(policy)?.[1];
    assert(nonce !== undefined, policy);
    assert((await answer.text()).includes(`nonce="${nonce}"`));
    assertEquals(policy.includes("unsafe"), false);
    for (const rule of ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]) {
      assert(policy.includes(rule), rule);
    }
    return nonce;
  };
  assertNotEquals(await read(), await read());
});

Deno.test("over https every cookie is Secure, whichever route gave it", async () => {
  const { ask } = open();
  const answer = await ask("/page/cookies");
  assertEquals(answer.headers.getSetCookie(), [
    "theme=dark; Path=/; Secure",
    "sid=1; Path=/; Secure; HttpOnly",
  ]);
});

Deno.test("over plain http nothing promises https", async () => {
  const { ask } = open({ secure: false });
  const cookies = (await ask("/page/cookies")).headers.getSetCookie();
  assertEquals(cookies[0], "theme=dark; Path=/");
  const page = await ask("/page");
  assertEquals(page.headers.has("strict-transport-security"), false);
  assertEquals(page.headers.get("content-security-policy")?.includes("upgrade"), false);
});

Deno.test("pages and failures are logged, API calls only when asked for", async () => {
  const quiet = open();
  await quiet.ask("/v1/ok");
  await quiet.ask("/page");
  assertEquals(quiet.logger.lines.map(({ event }) => event), ["request"]);
  const loud = open({ logCalls: true });
  await loud.ask("/v1/ok");
  assertEquals(loud.logger.lines.length, 1);
});
