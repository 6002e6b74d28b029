/** Redirect targets, cursors, cookies, validation, methods, streams and limit headers. */
import { assert, assertEquals } from "@std/assert";
import { z } from "zod";
import { clearCookie, readCookie, setCookie } from "@/lib/http/cookies.ts";
import { methods } from "@/lib/http/methods.ts";
import { createCursors } from "@/lib/auth/cursors.ts";
import { rateLimitHeaders } from "@/lib/http/rate_limit_headers.ts";
import { ownPath, seeOther } from "@/lib/http/redirect.ts";
import { eventStream, eventText, type ServerEvent } from "@/lib/http/sse.ts";
import { pointerTo, validate } from "@/lib/http/validate.ts";

Deno.test("a redirect target never leaves this site", () => {
  const leaving = [
    "//evil.com",
    "///evil.com",
    "/\\evil.com",
    "\\\\evil.com",
    "/\t/evil.com",
    "/\n/evil.com",
    "\t//evil.com",
    " //evil.com",
    "https://evil.com",
    "https:evil.com",
    "http://own.invalid.evil.com/",
    "javascript:alert(1)",
    "data:text/html,x",
    "/.//evil.com",
    "/..//evil.com",
    "/a/../..//evil.com",
    "/%5c/../\\evil.com",
    "evil.com",
    "?next=//evil.com",
    "",
    null,
    undefined,
    "/a\r\nSet-Cookie: x=1",
  ];
  for (const target of leaving) {
    assertEquals(ownPath(target, "/portal"), "/portal", JSON.stringify(target));
  }
});

Deno.test("a path of this site is kept, with query and fragment", () => {
  for (const target of ["/", "/portal/usage?from=1&to=//x#top", "/a%2f%2fb"]) {
    assertEquals(ownPath(target, "/fallback"), target);
  }
  assertEquals(ownPath("/é", "/fallback"), "/%C3%A9");
  const answer = seeOther("/portal", { "set-cookie": "a=1" });
  assertEquals([answer.status, answer.headers.get("location")], [303, "/portal"]);
});

Deno.test("a cursor opens only for the owner and list that it was made for", () => {
  const cursors = createCursors("s".repeat(32));
  const scope = { owner: "ten_a", list: "requests" };
  const cursor = cursors.seal("größer/7", scope);
  assert(cursor !== null);
  assertEquals(cursors.open(cursor, scope), { ok: true, value: "größer/7" });
  assertEquals(cursors.open(null, scope), { ok: true, value: undefined });
  assertEquals(cursors.seal(null, scope), null);
  const wrong = [
    cursors.open(cursor, { ...scope, owner: "ten_b" }),
    cursors.open(cursor, { ...scope, list: "keys" }),
    createCursors("t".repeat(32)).open(cursor, scope),
    cursors.open(cursor + "A", scope),
    cursors.open(cursor.slice(1), scope),
    cursors.open("x", scope),
    cursors.open("=".repeat(40), scope),
    cursors.open("A".repeat(5_000), scope),
  ];
  for (const result of wrong) assertEquals(result.ok ? "" : result.error.code, "invalid_cursor");
});

Deno.test("cookies over https have the host prefix and every protection", () => {
  const cookie = setCookie({ name: "sid", value: "v".repeat(43), maxAgeSeconds: 60 }, {
    secure: true,
  });
  assertEquals(
    cookie,
    `__Host-sid=${"v".repeat(43)}; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60`,
  );
  assertEquals(clearCookie("op", { secure: true }).startsWith("__Host-op=; "), true);
  assertEquals(clearCookie("op", { secure: true }).endsWith("Max-Age=0"), true);
  assertEquals(setCookie({ name: "bid", value: "x" }, { secure: false }).includes("Secure"), false);
});

Deno.test("a cookie is read by its exact name, once, and only in our spelling", () => {
  const value = "v".repeat(43);
  const read = (cookie: string, secure = true) =>
    readCookie(new Request("http://h/", { headers: { cookie } }), "sid", { secure });
  assertEquals(read(`a=1; __Host-sid=${value}; b=2`), value);
  assertEquals(read(`sid=${value}`), null);
  assertEquals(read(`sid=${value}`, false), value);
  assertEquals(read(`__Host-sid=${value}; __Host-sid=${"w".repeat(43)}`), null);
  assertEquals(read(`__Host-sid=${value}%0d%0a`), null);
  assertEquals(read("__Host-sid="), null);
  assertEquals(readCookie(new Request("http://h/"), "sid", { secure: true }), null);
});

Deno.test("validation points at every wrong value, unknown members too", () => {
  const schema = z.strictObject({
    isin: z.string(),
    "a/b": z.array(z.strictObject({ n: z.number() })),
  });
  const result = validate(schema, { isin: 7, "a/b": [{ n: 1 }, { n: "x", "~": 1 }], extra: true });
  assert(!result.ok);
  assertEquals(result.error.code, "validation_failed");
  assertEquals((result.error.errors ?? []).map(({ pointer }) => pointer).sort(), [
    "/a~1b/1/n",
    "/a~1b/1/~0",
    "/extra",
    "/isin",
  ]);
  assertEquals(validate(schema, { isin: "x", "a/b": [] }).ok, true);
  assertEquals(pointerTo([]), "");
});

Deno.test("a wrong method is 405 with what is allowed, OPTIONS tells it, HEAD is GET without body", async () => {
  const handler = methods({
    GET: () => new Response("body", { headers: { etag: '"1"' } }),
    PUT: () => new Response("put"),
  });
  const ask = (method: string) =>
    handler({ req: new Request("http://h/", { method }), state: { requestId: "req_1" } });
  for (const method of ["POST", "DELETE", "PATCH"]) {
    const answer = await ask(method);
    assertEquals([answer.status, answer.headers.get("allow")], [405, "GET, PUT, HEAD, OPTIONS"]);
    const problem = await answer.json();
    assertEquals([problem.code, problem.request_id], ["method_not_allowed", "req_1"]);
  }
  const options = await ask("OPTIONS");
  assertEquals([options.status, options.headers.get("allow")], [204, "GET, PUT, HEAD, OPTIONS"]);
  const head = await ask("HEAD");
  assertEquals([head.status, head.headers.get("etag"), await head.text()], [200, '"1"', ""]);
  assertEquals(await (await ask("PUT")).text(), "put");
});

Deno.test("limit headers are structured fields of whole numbers", () => {
  const headers = rateLimitHeaders([
    { policy: "burst", quota: 100.9, windowSeconds: 1, remaining: -3, resetSeconds: 0.2 },
    { policy: "quota", quota: 1e20, remaining: 12 },
  ]);
  assertEquals(headers, [
    ["ratelimit-policy", '"burst";q=100;w=1, "quota";q=999999999999999'],
    ["ratelimit", '"burst";r=0;t=1, "quota";r=12'],
  ]);
  assertEquals(rateLimitHeaders([]), []);
});

Deno.test("an event can't break out of its lines", () => {
  const text = eventText({ id: "1\ndata: x", event: "a\r\nid: 9", data: { t: "line\nbreak" } });
  assertEquals(text, 'id: 1 data: x\nevent: a id: 9\ndata: {"t":"line\\nbreak"}\n\n');
});

Deno.test("a stream asks its source only as fast as it is read, and ends it when the reader leaves", async () => {
  let made = 0;
  let ended = false;
  async function* source(): AsyncGenerator<ServerEvent> {
    try {
      while (true) yield await Promise.resolve({ id: String(++made), data: made });
    } finally {
      ended = true;
    }
  }
  const response = eventStream(source());
  assertEquals(response.headers.get("content-type"), "text/event-stream");
  const reader = response.body?.getReader();
  assert(reader !== undefined);
  const decode = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
  assertEquals(decode((await reader.read()).value), "retry: 2000\n\n");
  for (let count = 0; count < 5; count++) await reader.read();
  // Time enough to run ahead, if it did.
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert(made <= 7, `${made} events were made for 5 read`);
  await reader.cancel();
  assertEquals(ended, true);
});

Deno.test("a stream whose source fails ends in order, so that the browser comes back", async () => {
  async function* source(): AsyncGenerator<ServerEvent> {
    yield await Promise.resolve({ id: "1", data: 1 });
    throw new Error("the database is away");
  }
  const failures: unknown[] = [];
  const response = eventStream(source(), { onFailure: (error) => failures.push(error) });
  assertEquals(await response.text(), "retry: 2000\n\nid: 1\ndata: 1\n\n");
  assertEquals(failures.map(String), ["Error: the database is away"]);
});

Deno.test("a quiet stream sends heartbeats and loses no event", async () => {
  let release: (event: ServerEvent) => void = () => {};
  async function* source(): AsyncGenerator<ServerEvent> {
    yield await new Promise<ServerEvent>((resolve) => void (release = resolve));
  }
  const reader = eventStream(source(), { heartbeatMs: 5 }).body?.getReader();
  assert(reader !== undefined);
  const next = async () => new TextDecoder().decode((await reader.read()).value);
  await next();
  assertEquals(await next(), ": still here\n\n");
  assertEquals(await next(), ": still here\n\n");
  release({ data: 7 });
  let text = await next();
  while (text.startsWith(":")) text = await next();
  assertEquals(text, "data: 7\n\n");
  assertEquals((await reader.read()).done, true);
});
