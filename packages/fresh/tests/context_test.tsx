import { assertEquals, assertStringIncludes } from "@std/assert";
import { App, type Context } from "fresh";
import { captureConsole, Client } from "./support.ts";

async function contextOf(
  url: string,
  { init, trustProxy = false }: { init?: RequestInit; trustProxy?: boolean } = {},
): Promise<Context<unknown>> {
  let seen: Context<unknown> | undefined;
  const app = new App({ trustProxy }).all("*", (ctx) => {
    seen = ctx;
    return new Response();
  });
  await app.handler()(new Request(url, init));
  if (seen === undefined) throw new Error("not reached");
  return seen;
}

Deno.test("ctx.url has runs of slashes collapsed, ctx.req.url has not", async () => {
  const ctx = await contextOf("http://localhost//a///b?x=//y");
  assertEquals(ctx.url.pathname, "/a/b");
  assertEquals(ctx.url.search, "?x=//y");
  assertEquals(ctx.req.url, "http://localhost//a///b?x=//y");
});

Deno.test("doubled slashes are collapsed before routing", async () => {
  const app = new App().get("/a/b", (ctx) => new Response(ctx.route));
  assertEquals(await new Client(app).text("//a//b"), "/a/b");
});

Deno.test("dot segments are resolved before routing", async () => {
  const app = new App().get("/b", () => new Response("b"));
  assertEquals(await new Client(app).text("/a/../b"), "b");
});

Deno.test("forwarded headers change ctx.url only for a trusted proxy", async () => {
  const init = { headers: { "x-forwarded-proto": "https", "x-forwarded-host": "example.com" } };
  assertEquals((await contextOf("http://localhost/a", { init })).url.origin, "http://localhost");
  const trusted = await contextOf("http://localhost/a", { init, trustProxy: true });
  assertEquals(trusted.url.href, "https://example.com/a");
});

Deno.test("ctx.params are decoded, except for an encoded slash", async () => {
  const app = new App().get("/u/:name", (ctx) => ctx.json(ctx.params));
  assertEquals(await new Client(app).text("/u/a%20b"), '{"name":"a b"}');
  assertEquals(await new Client(app).text("/u/a%2Fb"), '{"name":"a%2Fb"}');
});

Deno.test("an optional parameter that is missing reads as an empty string", async () => {
  const app = new App().get("/docs{/:version}?", (ctx) => ctx.json(ctx.params));
  assertEquals(await new Client(app).text("/docs"), '{"version":""}');
  assertEquals(await new Client(app).text("/docs/2"), '{"version":"2"}');
});

Deno.test("a rest parameter takes any number of segments", async () => {
  const app = new App().get("/files/:path*", (ctx) => ctx.json(ctx.params));
  assertEquals(await new Client(app).text("/files/a/b/c"), '{"path":"a/b/c"}');
  assertEquals(await new Client(app).text("/files"), '{"path":""}');
});

Deno.test("ctx.route is the pattern that matched, and null when none did", async () => {
  const seen: (string | null)[] = [];
  const app = new App().use((ctx) => {
    seen.push(ctx.route);
    return ctx.next();
  }).get("/foo/bar", () => new Response()).get("/foo/:id", () => new Response());
  const client = new Client(app);
  for (const path of ["/nope", "/foo/bar", "/foo/1"]) await client.get(path);
  assertEquals(seen, [null, "/foo/bar", "/foo/:id"]);
});

Deno.test("a literal route answers with and without a trailing slash", async () => {
  const app = new App().get("/plain", () => new Response("1")).get(
    "/slash/",
    () => new Response("2"),
  );
  const client = new Client(app);
  for (const path of ["/plain", "/plain/"]) assertEquals(await client.text(path), "1");
  for (const path of ["/slash", "/slash/"]) assertEquals(await client.text(path), "2");
});

Deno.test("a pattern does not match with a trailing slash that it lacks", async () => {
  const app = new App().get("/u/:id", () => new Response());
  assertEquals((await new Client(app).get("/u/1/")).status, 404);
});

Deno.test("ctx.isPartial tells whether partials were asked for", async () => {
  assertEquals((await contextOf("http://localhost/")).isPartial, false);
  assertEquals((await contextOf("http://localhost/?fresh-partial=true")).isPartial, true);
});

Deno.test("ctx.info is what the server passed", async () => {
  const info: Deno.ServeHandlerInfo = {
    remoteAddr: { transport: "tcp", hostname: "10.0.0.1", port: 5 },
    completed: Promise.resolve(),
  };
  const app = new App().get("/", (ctx) => ctx.json(ctx.info.remoteAddr));
  const response = await app.handler()(new Request("http://localhost/"), info);
  assertEquals(await response.json(), { transport: "tcp", hostname: "10.0.0.1", port: 5 });
});

Deno.test("ctx.redirect() answers 302 unless told otherwise", async () => {
  const ctx = await contextOf("http://localhost/");
  assertEquals(ctx.redirect("/a").status, 302);
  assertEquals(ctx.redirect("/a", 303).status, 303);
  assertEquals(ctx.redirect("/a").headers.get("location"), "/a");
});

Deno.test("ctx.redirect() collapses slashes of a path, so that //host stays on this site", async () => {
  const ctx = await contextOf("http://localhost/");
  const to = (target: string) => ctx.redirect(target).headers.get("location");
  assertEquals(to("//evil.com/foo//bar"), "/evil.com/foo/bar");
  assertEquals(to("/a//b?x=//y"), "/a/b?x=//y");
});

Deno.test("ctx.redirect() passes other targets through, as upstream does", async () => {
  const ctx = await contextOf("http://localhost/");
  for (const target of ["https://deno.com", "/\\evil.com"]) {
    assertEquals(ctx.redirect(target).headers.get("location"), target);
  }
});

Deno.test("ctx.redirect() makes a response whose headers can still change", async () => {
  const response = (await contextOf("http://localhost/")).redirect("/a");
  response.headers.set("x-a", "1");
  assertEquals(response.headers.get("x-a"), "1");
});

Deno.test("ctx.text(), ctx.html() and ctx.json() set their content types", async () => {
  const ctx = await contextOf("http://localhost/");
  assertEquals(ctx.text("a").headers.get("content-type"), "text/plain;charset=UTF-8");
  assertEquals(ctx.html("<p>").headers.get("content-type"), "text/html; charset=utf-8");
  assertEquals(ctx.json({}).headers.get("content-type"), "application/json");
  assertEquals(ctx.json({}, { status: 201 }).status, 201);
});

Deno.test("ctx.stream() sends the chunks of iterables and generators", async () => {
  const ctx = await contextOf("http://localhost/");
  assertEquals(await ctx.stream(["a", "b"]).text(), "ab");
  const generated = ctx.stream(async function* () {
    yield "x";
    await Promise.resolve();
    yield new Uint8Array([121]);
  });
  assertEquals(await generated.text(), "xy");
});

Deno.test("ctx.render() completes the document around its markup", async () => {
  const app = new App().get("/", (ctx) => ctx.render(<p>hi</p>));
  const response = await new Client(app).get("/");
  assertEquals(response.headers.get("content-type"), "text/html; charset=utf-8");
  assertEquals(
    await response.text(),
    '<!DOCTYPE html><html><head><meta charset="utf-8"/></head><body><p>hi</p></body></html>',
  );
});

Deno.test("ctx.render() takes a response's status and headers, but not its content type", async () => {
  const app = new App().get("/", (ctx) =>
    ctx.render(<p>hi</p>, {
      status: 416,
      statusText: "Odd",
      headers: { "x-foo": "1", "content-type": "text/plain" },
    }));
  const response = await new Client(app).get("/");
  assertEquals(response.status, 416);
  assertEquals(response.statusText, "Odd");
  assertEquals(response.headers.get("x-foo"), "1");
  assertEquals(response.headers.get("content-type"), "text/html; charset=utf-8");
});

for (const [name, args] of [["no arguments", []], ["something else than JSX", [{}]]] as const) {
  Deno.test(`ctx.render() with ${name} is a 500`, async () => {
    // deno-lint-ignore no-explicit-any
    const app = new App().get("/", (ctx) => (ctx as any).render(...args));
    const log = await captureConsole("error", async () => {
      assertEquals((await new Client(app).get("/")).status, 500);
    });
    assertStringIncludes(String(log[0]?.[0]), "ctx.render()");
  });
}

Deno.test("ctx.upgrade() is refused with a sentence", async () => {
  const ctx = await contextOf("http://localhost/");
  let message = "";
  try {
    ctx.upgrade();
  } catch (error) {
    message = String(error);
  }
  assertStringIncludes(message, "no web sockets");
});
