import { assertEquals, assertStringIncludes } from "@std/assert";
import { App, HttpError } from "fresh";
import { captureConsole, Client, withRoutes } from "./support.ts";

const thrower = (expression: string) =>
  `import { HttpError } from "fresh"; export const handler = () => { throw ${expression}; };`;
const errorPage = (text: string) =>
  `export default ({ error }) => <p>${text} {error.status} {error.message}</p>;`;

Deno.test("HttpError has a status, an empty message by default, and a cause", () => {
  const cause = new Error("why");
  const error = new HttpError(404, undefined, { cause });
  assertEquals([error.status, error.message, error.cause], [404, "", cause]);
  assertEquals(new HttpError(400, "bad").message, "bad");
});

Deno.test("an HttpError that nobody catches becomes its status and message", async () => {
  const app = new App().get("/", () => {
    throw new HttpError(418, "teapot");
  });
  const response = await new Client(app).get("/");
  assertEquals(response.status, 418);
  assertEquals(await response.text(), "teapot");
});

Deno.test("any other error that nobody catches is a logged 500 without details", async () => {
  const app = new App().get("/", () => {
    throw new Error("secret");
  });
  const log = await captureConsole("error", async () => {
    const response = await new Client(app).get("/");
    assertEquals(response.status, 500);
    assertEquals(await response.text(), "Internal server error");
  });
  assertStringIncludes(String(log[0]?.[0]), "secret");
});

Deno.test("app.onError() answers what is thrown and what is not found", async () => {
  const app = new App().onError("*", (ctx) => new Response(String(ctx.error)))
    .get("/boom", () => {
      throw new Error("boom");
    });
  assertEquals(await new Client(app).text("/boom"), "Error: boom");
  assertEquals(await new Client(app).text("/nope"), "HttpError");
});

Deno.test("app.notFound() takes precedence over an error route for 404", async () => {
  const app = new App()
    .notFound(() => new Response("missing", { status: 404 }))
    .onError("*", () => new Response("error", { status: 500 }))
    .get("/404", () => {
      throw new HttpError(404);
    })
    .get("/500", () => {
      throw new HttpError(500);
    });
  const client = new Client(app);
  assertEquals(await client.text("/unknown"), "missing");
  assertEquals(await client.text("/404"), "missing");
  assertEquals(await client.text("/500"), "error");
});

Deno.test("the error route nearest to the throwing route answers", async () => {
  const app = new App()
    .onError("/", () => new Response("root"))
    .onError("/a", () => new Response("a"))
    .get("/a/x", () => {
      throw new Error();
    })
    .get("/b/x", () => {
      throw new Error();
    });
  assertEquals(await new Client(app).text("/a/x"), "a");
  assertEquals(await new Client(app).text("/b/x"), "root");
});

Deno.test("a route registered before an error route is not covered by it", async () => {
  const app = new App().get("/early", () => {
    throw new HttpError(400, "no");
  }).onError("*", () => new Response("error route"));
  assertEquals(await new Client(app).text("/early"), "no");
});

Deno.test("_error renders with the status of the error", async () => {
  await withRoutes({
    "routes/_error.tsx": errorPage("root"),
    "routes/gone.ts": thrower('new HttpError(410, "gone")'),
    "routes/boom.ts": thrower('new Error("boom")'),
  }, async (client) => {
    const gone = await client.get("/gone");
    assertEquals(gone.status, 410);
    assertStringIncludes(await gone.text(), "root 410 gone");
    assertEquals((await client.get("/boom")).status, 500);
    assertEquals((await client.get("/unknown")).status, 404);
  });
});

Deno.test("_error renders inside _app and the layouts, with the request's state", async () => {
  await withRoutes({
    "routes/_app.tsx": "export default ({ Component }) => <body>app/<Component /></body>;",
    "routes/_layout.tsx": "export default ({ Component }) => <>layout/<Component /></>;",
    "routes/_middleware.ts":
      "export default (ctx) => { ctx.state.user = 'ada'; return ctx.next(); };",
    "routes/_error.tsx": "export default ({ state }) => <p>sorry {state.user}</p>;",
    "routes/boom.ts": thrower("new Error()"),
  }, async (client) => {
    assertStringIncludes(await client.text("/boom"), "<body>app/layout/<p>sorry ada</p></body>");
  });
});

Deno.test("an error of a nested route goes to the nested _error, then outwards", async () => {
  await withRoutes({
    "routes/_error.tsx": errorPage("root"),
    "routes/a/_error.tsx": errorPage("nested"),
    "routes/a/x.ts": thrower('new HttpError(400, "x")'),
    "routes/b/_error.tsx": thrower('new HttpError(501, "from the error page")'),
    "routes/b/x.ts": thrower("new Error()"),
  }, async (client) => {
    assertStringIncludes(await client.text("/a/x"), "nested 400 x");
    const outer = await client.get("/b/x");
    assertEquals(outer.status, 501);
    assertStringIncludes(await outer.text(), "root 501 from the error page");
  });
});

Deno.test("a nested _error does not see an unknown path below its folder", async () => {
  await withRoutes({
    "routes/_error.tsx": errorPage("root"),
    "routes/nest/_error.tsx": errorPage("nested"),
    "routes/nest/index.ts": "export const handler = () => new Response('ok');",
  }, async (client) => {
    assertStringIncludes(await client.text("/nest/unknown"), "root 404");
  });
});

Deno.test("_error may answer with a handler", async () => {
  await withRoutes({
    "routes/_error.ts":
      "export const handler = (ctx) => Response.json({ code: ctx.error.message }, { status: 422 });",
    "routes/x.ts": thrower('new Error("bad_input")'),
  }, async (client) => {
    const response = await client.get("/x");
    assertEquals(response.status, 422);
    assertEquals(await response.json(), { code: "bad_input" });
  });
});

Deno.test("_500 is another name of _error", async () => {
  await withRoutes({
    "routes/_500.tsx": "export default () => <p>five hundred</p>;",
    "routes/x.ts": thrower("new Error()"),
  }, async (client) => assertStringIncludes(await client.text("/x"), "five hundred"));
});

Deno.test("_404 answers unknown paths and thrown 404s with its page, as 200 like upstream", async () => {
  await withRoutes({
    "routes/_404.tsx": "export default ({ url }) => <p>no {url.pathname}</p>;",
    "routes/_error.tsx": errorPage("root"),
    "routes/a/x.ts": thrower("new HttpError(404)"),
    "routes/boom.ts": thrower("new HttpError(500)"),
  }, async (client) => {
    const unknown = await client.get("/unknown");
    assertEquals(unknown.status, 200);
    assertStringIncludes(await unknown.text(), "no /unknown");
    assertStringIncludes(await client.text("/a/x"), "no /a/x");
    assertStringIncludes(await client.text("/boom"), "root 500");
  });
});

Deno.test("_404 has the status that its handler gives to page(), for every method", async () => {
  await withRoutes({
    "routes/_404.tsx": `import { page } from "fresh";
      export const handler = () => page({}, { status: 404 });
      export default () => <p>none</p>;`,
  }, async (client) => {
    const response = await client.post("/unknown");
    assertEquals(response.status, 404);
    assertStringIncludes(await response.text(), "none");
  });
});

Deno.test("app.notFound() covers routes registered before it, unlike app.onError()", async () => {
  const app = new App().get("/early", () => {
    throw new HttpError(404);
  }).notFound(() => new Response("missing", { status: 404 }));
  assertEquals(await new Client(app).text("/early"), "missing");
});

Deno.test("an error page is rendered for a failed POST too", async () => {
  await withRoutes({
    "routes/_error.tsx": errorPage("root"),
    "routes/form.ts": `import { HttpError } from "fresh";
      export const handler = { POST: () => { throw new HttpError(409, "twice"); } };`,
  }, async (client) => {
    const response = await client.post("/form");
    assertEquals(response.status, 409);
    assertStringIncludes(await response.text(), "root 409 twice");
  });
});

Deno.test("errors that _error handles are not logged", async () => {
  const log = await captureConsole("error", async () => {
    await withRoutes({
      "routes/_error.tsx": errorPage("root"),
      "routes/x.ts": thrower("new Error()"),
    }, async (client) => assertEquals((await client.get("/x")).status, 500));
  });
  assertEquals(log, []);
});

Deno.test("a root middleware's work after next() is skipped for errors", async () => {
  await withRoutes(
    {
      "routes/_error.tsx": errorPage("root"),
      "routes/ok.ts": "export const handler = () => new Response();",
    },
    async (client) => {
      assertEquals((await client.get("/ok")).headers.get("x-after"), "1");
      assertEquals((await client.get("/unknown")).headers.get("x-after"), null);
    },
    (app) =>
      app.use(async (ctx) => {
        const response = await ctx.next();
        response.headers.set("x-after", "1");
        return response;
      }).fsRoutes(),
  );
});

Deno.test("what a component throws while rendering reaches the error page", async () => {
  await withRoutes({
    "routes/_error.tsx": errorPage("root"),
    "routes/x.tsx": "export default () => { throw new Error('in component'); };",
    "routes/y.tsx": "export default async () => { throw new Error('in async component'); };",
  }, async (client) => {
    assertStringIncludes(await client.text("/x"), "in component");
    assertStringIncludes(await client.text("/y"), "in async component");
  });
});
