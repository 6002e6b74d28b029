import { assert, assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { App, type Context, HttpError, type Middleware } from "fresh";
import { captureConsole, Client } from "./support.ts";

interface State {
  text: string;
}

const add = (letter: string): Middleware<State> => (ctx) => {
  ctx.state.text = (ctx.state.text ?? "") + letter;
  return ctx.next();
};
const showText = (ctx: Context<State>) => new Response(ctx.state.text);

Deno.test("middlewares run in the order in which they were added", async () => {
  const client = new Client(
    new App<State>().use(add("A")).use(add("B"), add("C")).get("/", showText),
  );
  assertEquals(await client.text("/"), "ABC");
});

Deno.test("a middleware that answers keeps the request from the route", async () => {
  const app = new App().use(() => new Response("early")).get("/", () => new Response("late"));
  assertEquals(await new Client(app).text("/"), "early");
});

Deno.test("a middleware added after a route does not run for it", async () => {
  const app = new App<State>().use(add("A")).get("/", showText).use(add("B")).get("/two", showText);
  assertEquals(await new Client(app).text("/"), "A");
  assertEquals(await new Client(app).text("/two"), "AB");
});

Deno.test("a middleware of a path runs for it and what is below, not for its siblings", async () => {
  const app = new App<State>()
    .use("/admin", add("A"))
    .get("/admin", showText)
    .get("/admin/users", showText)
    .get("/public/users", (ctx) => new Response(ctx.state.text ?? "none"));
  assertEquals(await new Client(app).text("/admin"), "A");
  assertEquals(await new Client(app).text("/admin/users"), "A");
  assertEquals(await new Client(app).text("/public/users"), "none");
});

Deno.test("middlewares of nested paths run from the outer to the inner one", async () => {
  const app = new App<State>()
    .use("/a/b", add("B"))
    .use("/a", add("A"))
    .use(add("R"))
    .get("/a/b/c", showText);
  assertEquals(await new Client(app).text("/a/b/c"), "RAB");
});

Deno.test("work after next() happens on the way back, innermost first", async () => {
  const seen: string[] = [];
  const around = (name: string): Middleware<unknown> => async (ctx) => {
    seen.push(`>${name}`);
    const response = await ctx.next();
    seen.push(`<${name}`);
    return response;
  };
  const app = new App().use(around("a"), around("b")).get("/", () => new Response());
  await new Client(app).get("/");
  assertEquals(seen, [">a", ">b", "<b", "<a"]);
});

Deno.test("a middleware may run what follows it twice", async () => {
  let runs = 0;
  const app = new App().use(async (ctx) => {
    await ctx.next();
    return await ctx.next();
  }).get("/", () => new Response(String(++runs)));
  assertEquals(await new Client(app).text("/"), "2");
});

for (const method of ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"] as const) {
  Deno.test(`app.${method.toLowerCase()}() answers ${method} and refuses another method`, async () => {
    const app = new App();
    const name = method.toLowerCase() as "get" | "post" | "patch" | "put" | "delete" | "head";
    app[name]("/x", () => new Response("ok", { headers: { "x-method": method } }));
    const client = new Client(app);
    const right = await client.request("/x", { method });
    assertEquals(right.status, 200);
    assertEquals(right.headers.get("x-method"), method);
    const wrong = await client.request("/x", { method: method === "PUT" ? "PATCH" : "PUT" });
    assertEquals(wrong.status, 405);
    assertEquals(await wrong.text(), "Method Not Allowed");
  });
}

Deno.test("app.all() answers every method", async () => {
  const app = new App().all("/x", (ctx) => new Response(null, { headers: { m: ctx.req.method } }));
  for (const method of ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS"]) {
    const response = await new Client(app).request("/x", { method });
    assertEquals(response.headers.get("m"), method);
  }
});

Deno.test("HEAD falls back to GET and loses the body, not the headers", async () => {
  const app = new App().get("/", () => new Response("body", { headers: { "x-a": "1" } }));
  const response = await new Client(app).request("/", { method: "HEAD" });
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("x-a"), "1");
  assertEquals(await response.text(), "");
});

Deno.test("OPTIONS of a known path lists its methods", async () => {
  const app = new App().get("/x", () => new Response()).post("/x", () => new Response());
  const response = await new Client(app).request("/x", { method: "OPTIONS" });
  assertEquals(response.status, 204);
  assertEquals(response.headers.get("allow"), "GET, POST");
});

Deno.test("an unknown path is answered with 404 in plain text", async () => {
  const response = await new Client(new App().get("/", () => new Response())).get("/nope");
  assertEquals(response.status, 404);
  assertEquals(await response.text(), "Not Found");
});

Deno.test("unmatched requests pass the root middlewares, but not those of a path", async () => {
  const seen: string[] = [];
  const note = (name: string): Middleware<unknown> => (ctx) => {
    seen.push(name);
    return ctx.next();
  };
  const app = new App().use(note("root")).use("/nest", note("nest"));
  await new Client(app).get("/nest/unknown");
  assertEquals(seen, ["root"]);
});

Deno.test("the first handler registered for a method and path stays", async () => {
  const app = new App().get("/", () => new Response("1")).get("/", () => new Response("2"));
  assertEquals(await new Client(app).text("/"), "1");
});

Deno.test("a literal path beats a pattern that was registered before it", async () => {
  const app = new App()
    .get("/users/:id", () => new Response("pattern"))
    .get("/users/me", () => new Response("literal"));
  assertEquals(await new Client(app).text("/users/me"), "literal");
  assertEquals(await new Client(app).text("/users/7"), "pattern");
});

Deno.test("among patterns the first one registered wins, whatever the method", async () => {
  const app = new App().get("/:a", () => new Response("a")).post("/:b", () => new Response("b"));
  assertEquals(await new Client(app).text("/x"), "a");
  assertEquals((await new Client(app).post("/x")).status, 405);
});

Deno.test("app.all('*') takes every path", async () => {
  const app = new App().all("*", () => new Response("any"));
  assertEquals(await new Client(app).text("/"), "any");
  assertEquals(await new Client(app).text("/deep/down"), "any");
});

Deno.test("a base path without a leading slash is refused", () => {
  let message = "";
  try {
    new App({ basePath: "base" });
  } catch (error) {
    assertInstanceOf(error, TypeError);
    message = error.message;
  }
  assertStringIncludes(message, "must start with");
});

Deno.test("app.config has production mode and no base path by default", () => {
  const { mode, basePath, trustProxy } = new App().config;
  assertEquals({ mode, basePath, trustProxy }, {
    mode: "production",
    basePath: "",
    trustProxy: false,
  });
});

Deno.test("an eager route with handlers by method answers 405 to a method that it lacks", async () => {
  const app = new App().route("/", { handler: { GET: () => new Response("get") } });
  const response = await new Client(app).post("/");
  assertEquals(response.status, 405);
});

Deno.test("a component without any handler is rendered for every method", async () => {
  const app = new App().route("/", { component: () => <h1>page</h1> });
  assertStringIncludes(await (await new Client(app).post("/")).text(), "<h1>page</h1>");
});

Deno.test("a component without a GET handler is rendered for GET", async () => {
  const app = new App().route("/", {
    component: () => <h1>page</h1>,
    handler: { POST: () => new Response("posted") },
  });
  assertStringIncludes(await new Client(app).text("/"), "<h1>page</h1>");
  assertEquals(await (await new Client(app).post("/")).text(), "posted");
});

Deno.test("a route handler's status and headers are those of the page", async () => {
  const app = new App().route("/", {
    handler: () => ({ data: "x", status: 418, headers: [["x-foo", "bar"]] }),
    component: ({ data }) => <p>{data as string}</p>,
  });
  const response = await new Client(app).get("/");
  assertEquals(response.status, 418);
  assertEquals(response.headers.get("x-foo"), "bar");
  assertStringIncludes(await response.text(), "<p>x</p>");
});

Deno.test("a handler that returns nothing is a 500, and the log says why", async () => {
  // deno-lint-ignore no-explicit-any
  const app = new App().get("/", (() => {}) as any);
  const log = await captureConsole("error", async () => {
    const response = await new Client(app).get("/");
    assertEquals(response.status, 500);
    assertEquals(await response.text(), "Internal server error");
  });
  assertStringIncludes(String(log[0]?.[0]), "must return a Response");
});

Deno.test("a middleware can catch what a handler throws", async () => {
  const app = new App().use(async (ctx) => {
    try {
      return await ctx.next();
    } catch (error) {
      return new Response(`caught ${(error as Error).message}, ${error === ctx.error}`);
    }
  }).get("/", () => {
    throw new Error("it");
  });
  assertEquals(await new Client(app).text("/"), "caught it, true");
});

Deno.test("ctx.error is set for every middleware that the error passes", async () => {
  const seen: boolean[] = [];
  const watch: Middleware<unknown> = async (ctx) => {
    try {
      return await ctx.next();
    } catch (error) {
      seen.push(ctx.error === error);
      throw error;
    }
  };
  const app = new App().use(watch, watch).get("/", () => {
    throw new HttpError(400, "no");
  });
  assertEquals(await new Client(app).text("/"), "no");
  assertEquals(seen, [true, true]);
});

Deno.test("two requests at the same time do not mix their state", async () => {
  const app = new App<State>().use(async (ctx) => {
    ctx.state.text = ctx.url.searchParams.get("n") ?? "";
    await Promise.resolve();
    return await ctx.next();
  }).get("/", showText);
  const client = new Client(app);
  const texts = await Promise.all(["1", "2", "3"].map((n) => client.text(`/?n=${n}`)));
  assertEquals(texts, ["1", "2", "3"]);
});

Deno.test("a broken escape in a parameter is thrown out of the handler", async () => {
  const client = new Client(new App().get("/:id", () => new Response("ok")));
  const outcome = await client.get("/%E0%A4%A").catch((error) => error);
  assertInstanceOf(outcome, URIError);
});

Deno.test("web sockets are refused with a sentence", () => {
  let message = "";
  try {
    new App().ws("/live");
  } catch (error) {
    message = String(error);
  }
  assertStringIncludes(message, "not implemented");
});

Deno.test("a subclass that wraps handler() sees every response, errors included", async () => {
  class Wrapped<S> extends App<S> {
    override handler() {
      const inner = super.handler();
      return async (req: Request, info?: Deno.ServeHandlerInfo) => {
        const response = await inner(req, info);
        response.headers.set("x-wrapped", "1");
        return response;
      };
    }
  }
  const app = new Wrapped().get("/", () => new Response("ok"));
  assert((await new Client(app).get("/")).headers.has("x-wrapped"));
  assert((await new Client(app).get("/none")).headers.has("x-wrapped"));
});
