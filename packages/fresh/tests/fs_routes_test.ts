import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { captureConsole, withRoutes } from "./support.ts";

/** A route that answers with its own name and what the middlewares noted. */
const answer = (name: string) =>
  `export const handler = (ctx) => new Response("${name}" + (ctx.state.text ?? ""));`;
const note = (letter: string) =>
  `export const handler = (ctx) => {
  ctx.state.text = (ctx.state.text ?? "") + "${letter}";
  return ctx.next();
};`;
const page = (text: string) => `export default () => <p>${text}</p>;`;
const wrapper = (name: string) => `export default ({ Component }) => <>${name}/<Component /></>;`;

Deno.test("index files answer for their folder", async () => {
  await withRoutes({
    "routes/index.ts": answer("root"),
    "routes/a/index.ts": answer("a"),
    "routes/a/b.ts": answer("b"),
  }, async (client) => {
    assertEquals(await client.text("/"), "root");
    assertEquals(await client.text("/a"), "a");
    assertEquals(await client.text("/a/b"), "b");
    assertEquals((await client.get("/a/index")).status, 404);
  });
});

Deno.test("literal names win over parameters, and parameters over catch-alls", async () => {
  await withRoutes({
    "routes/[id].ts": answer("id"),
    "routes/all.ts": answer("all"),
    "routes/[...rest].ts": answer("rest"),
  }, async (client) => {
    assertEquals(await client.text("/all"), "all");
    assertEquals(await client.text("/x"), "id");
    assertEquals(await client.text("/x/y"), "rest");
  });
});

Deno.test("parameters of files and folders reach ctx.params", async () => {
  const show = "export const handler = (ctx) => ctx.json(ctx.params);";
  await withRoutes({
    "routes/u/[id]/posts/[post].ts": show,
    "routes/f/[...path].ts": show,
    "routes/l/[[lang]].ts": show,
    "routes/v/[mod]@[version].ts": show,
  }, async (client) => {
    assertEquals(await client.text("/u/1/posts/2"), '{"id":"1","post":"2"}');
    assertEquals(await client.text("/f/a/b"), '{"path":"a/b"}');
    assertEquals(await client.text("/l"), '{"lang":""}');
    assertEquals(await client.text("/l/de"), '{"lang":"de"}');
    assertEquals(await client.text("/v/std@1.0"), '{"mod":"std","version":"1.0"}');
  });
});

Deno.test("groups take no part in URLs and scope their middlewares and layouts", async () => {
  await withRoutes({
    "routes/(one)/_middleware.ts": note("1"),
    "routes/(one)/_layout.tsx": wrapper("one"),
    "routes/(one)/a.ts": answer("a"),
    "routes/(one)/page.tsx": page("p1"),
    "routes/(two)/_middleware.ts": note("2"),
    "routes/(two)/b.ts": answer("b"),
  }, async (client) => {
    assertEquals(await client.text("/a"), "a1");
    assertEquals(await client.text("/b"), "b2");
    assertStringIncludes(await client.text("/page"), "one/<p>p1</p>");
  });
});

Deno.test("handlers of one URL in two groups add up by method", async () => {
  await withRoutes({
    "routes/(foo)/bar.ts": 'export const config = { routeOverride: "/bar" };' +
      'export const handler = { POST: () => new Response("post") };',
    "routes/bar.ts": 'export const config = { routeOverride: "/bar" };' +
      'export const handler = { GET: () => new Response("get") };',
  }, async (client) => {
    assertEquals(await client.text("/bar"), "get");
    assertEquals(await (await client.post("/bar")).text(), "post");
  });
});

Deno.test("folders and files with an underscore are no routes", async () => {
  await withRoutes({
    "routes/_private/a.ts": answer("a"),
    "routes/(_components)/b.ts": answer("b"),
    "routes/_helper.ts": answer("h"),
    "routes/c.ts": answer("c"),
  }, async (client) => {
    for (const path of ["/_private/a", "/a", "/b", "/_helper"]) {
      assertEquals((await client.get(path)).status, 404, path);
    }
    assertEquals(await client.text("/c"), "c");
  });
});

Deno.test("test files beside routes are left out", async () => {
  await withRoutes({
    "routes/a.ts": answer("a"),
    "routes/a_test.ts": "throw new Error('imported');",
    "routes/b.test.ts": "throw new Error('imported');",
  }, async (client) => {
    assertEquals((await client.get("/a_test")).status, 404);
    assertEquals(await client.text("/a"), "a");
  });
});

Deno.test("middlewares of folders run from the root to the leaf", async () => {
  await withRoutes({
    "routes/_middleware.ts": note("A"),
    "routes/foo/_middleware.ts": note("B"),
    "routes/foo/[id]/_middleware.ts": note("C"),
    "routes/foo/[id]/x.ts": answer("x"),
    "routes/foo/index.ts": answer("foo"),
    "routes/other.ts": answer("other"),
  }, async (client) => {
    assertEquals(await client.text("/foo/1/x"), "xABC");
    assertEquals(await client.text("/foo"), "fooAB");
    assertEquals(await client.text("/other"), "otherA");
  });
});

Deno.test("a middleware file may export a default function or an array", async () => {
  const fn = (letter: string) =>
    `(ctx) => { ctx.state.text = (ctx.state.text ?? "") + "${letter}"; return ctx.next(); }`;
  await withRoutes({
    "routes/_middleware.ts": `export default [${fn("A")}, ${fn("B")}];`,
    "routes/d/_middleware.ts": `export default ${fn("C")};`,
    "routes/d/x.ts": answer("x"),
  }, async (client) => {
    assertEquals(await client.text("/d/x"), "xABC");
  });
});

Deno.test("a middleware file with handlers by method is ignored with a warning", async () => {
  const log = await captureConsole("warn", async () => {
    await withRoutes({
      "routes/_middleware.ts": "export const handler = { GET: () => new Response('no') };",
      "routes/index.ts": answer("ok"),
    }, async (client) => assertEquals(await client.text("/"), "ok"));
  });
  assertStringIncludes(String(log[0]?.[0]), "Middleware does not support object handlers");
});

Deno.test("app middlewares added before fsRoutes() run first, later ones not at all", async () => {
  const mark =
    (letter: string) => (ctx: { state: { text?: string }; next(): Promise<Response> }) => {
      ctx.state.text = (ctx.state.text ?? "") + letter;
      return ctx.next();
    };
  await withRoutes(
    { "routes/_middleware.ts": note("F"), "routes/index.ts": answer("x") },
    async (client) => assertEquals(await client.text("/"), "xEF"),
    (app) => app.use(mark("E")).fsRoutes().use(mark("L")),
  );
});

Deno.test("file routes can be put below a path", async () => {
  await withRoutes(
    {
      "routes/_middleware.ts": note("M"),
      "routes/index.ts": answer("root"),
      "routes/a/[id].ts": answer("a"),
    },
    async (client) => {
      assertEquals(await client.text("/sub"), "rootM");
      assertEquals(await client.text("/sub/a/1"), "aM");
      assertEquals((await client.get("/a/1")).status, 404);
    },
    (app) => app.fsRoutes("/sub"),
  );
});

Deno.test("file routes of a mounted app answer below its path", async () => {
  const { App } = await import("fresh");
  await withRoutes(
    { "routes/index.ts": answer("root"), "routes/x.ts": answer("x") },
    async (client) => {
      assertEquals(await client.text("/m"), "root");
      assertEquals(await client.text("/m/x"), "x");
    },
    (app) => app.mountApp("/m", new App().fsRoutes()),
  );
});

Deno.test("routeOverride replaces the URL that the file name gives", async () => {
  await withRoutes({
    "routes/old.ts": `export const config = { routeOverride: "/new/:id" };
      export const handler = (ctx) => new Response(ctx.params.id);`,
  }, async (client) => {
    assertEquals(await client.text("/new/7"), "7");
    assertEquals((await client.get("/old")).status, 404);
  });
});

Deno.test("page() hands data, status and headers to the component", async () => {
  await withRoutes({
    "routes/index.tsx": `import { page } from "fresh";
      export const handler = {
        GET: () => page({ name: "ada" }, { status: 201, headers: { "x-a": "1" } }),
      };
      export default ({ data }) => <p>{data.name}</p>;`,
  }, async (client) => {
    const response = await client.get("/");
    assertEquals(response.status, 201);
    assertEquals(response.headers.get("x-a"), "1");
    assertStringIncludes(await response.text(), "<p>ada</p>");
  });
});

Deno.test("a component without a GET handler renders with empty data", async () => {
  await withRoutes({
    "routes/index.tsx": `export const handler = { POST: () => new Response("posted") };
      export default ({ data }) => <p>{JSON.stringify(data)}</p>;`,
  }, async (client) => {
    assertStringIncludes(await client.text("/"), "<p>{}</p>");
    assertEquals(await (await client.post("/")).text(), "posted");
  });
});

Deno.test("a function handler takes every method", async () => {
  await withRoutes({
    "routes/index.ts": "export const handler = (ctx) => new Response(ctx.req.method);",
  }, async (client) => {
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      assertEquals(await (await client.request("/", { method })).text(), method);
    }
  });
});

Deno.test("a lazy file route answers 404 to a method and to OPTIONS that it lacks", async () => {
  await withRoutes({
    "routes/index.ts": "export const handlers = { GET: () => new Response('get') };",
  }, async (client) => {
    assertEquals(await client.text("/"), "get");
    assertEquals((await client.post("/")).status, 404);
    assertEquals((await client.request("/", { method: "OPTIONS" })).status, 404);
  });
});

Deno.test("an eager file route answers 405, and lists its methods to OPTIONS", async () => {
  await withRoutes({
    "routes/index.ts": `export const config = { routeOverride: "/" };
      export const handler = { GET: () => new Response("get") };`,
  }, async (client) => {
    assertEquals((await client.post("/")).status, 405);
    const options = await client.request("/", { method: "OPTIONS" });
    assertEquals(options.status, 204);
    assertEquals(options.headers.get("allow"), "GET");
  });
});

Deno.test("HEAD of a file route runs its GET handler", async () => {
  await withRoutes({
    "routes/index.ts":
      "export const handler = { GET: () => new Response(null, { headers: { x: 'get' } }) };",
  }, async (client) => {
    assertEquals((await client.request("/", { method: "HEAD" })).headers.get("x"), "get");
  });
});

Deno.test("a route file is loaded on its first request", async () => {
  await withRoutes({
    "routes/index.ts": answer("ok"),
    "routes/broken.ts": "throw new Error('loaded');",
  }, async (client) => {
    assertEquals(await client.text("/"), "ok");
    await captureConsole("error", async () => {
      assertEquals((await client.get("/broken")).status, 500);
    });
  });
});

Deno.test("a route file without relevant exports is a 500 that names the file", async () => {
  const log = await captureConsole("error", async () => {
    await withRoutes({ "routes/empty.ts": "export const x = 1;" }, async (client) => {
      assertEquals((await client.get("/empty")).status, 500);
    });
  });
  assertStringIncludes(String(log[0]?.[0]), "Could not find relevant exports in routes/empty.ts");
});

Deno.test("a handler with the two arguments of Fresh 1 is refused", async () => {
  const log = await captureConsole("error", async () => {
    await withRoutes({
      "routes/index.ts": "export const handler = (req, ctx) => new Response();",
    }, async (client) => assertEquals((await client.get("/")).status, 500));
  });
  assertStringIncludes(String(log[0]?.[0]), "takes 2 arguments");
});

Deno.test("a file name with two adjacent parameters does not build", async () => {
  await assertRejects(
    () => withRoutes({ "routes/[a][b].ts": answer("x") }, () => Promise.resolve()),
    SyntaxError,
    "need a literal between them",
  );
});

Deno.test("a route that asks for partials does not build", async () => {
  await assertRejects(
    () =>
      withRoutes(
        { "routes/index.tsx": "export default () => <div f-client-nav>x</div>;" },
        () => Promise.resolve(),
      ),
    Error,
    "routes/index.tsx uses f-client-nav",
  );
});

Deno.test("an app without a build has no file routes", async () => {
  const { App } = await import("fresh");
  const response = await new App().fsRoutes().handler()(new Request("http://localhost/"));
  assertEquals(response.status, 404);
});
