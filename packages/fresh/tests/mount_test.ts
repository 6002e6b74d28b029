import { assertEquals } from "@std/assert";
import { App, type Context, type Middleware } from "fresh";
import { Client } from "./support.ts";

interface State {
  text: string;
}

const add = (letter: string): Middleware<State> => (ctx) => {
  ctx.state.text = (ctx.state.text ?? "") + letter;
  return ctx.next();
};
const showText = (ctx: Context<State>) => new Response(ctx.state.text);

Deno.test("a base path is required in front of every route", async () => {
  const app = new App({ basePath: "/base" }).get("/", () => new Response("root"))
    .get("/x", () => new Response("x")).route("/r", { handler: () => new Response("r") });
  const client = new Client(app);
  assertEquals(await client.text("/base"), "root");
  assertEquals(await client.text("/base/x"), "x");
  assertEquals(await client.text("/base/r"), "r");
  assertEquals((await client.get("/x")).status, 404);
  assertEquals((await client.get("/")).status, 404);
});

Deno.test("a mounted app answers below its path, with its own middlewares", async () => {
  const inner = new App<State>().use(add("I")).get("/", showText).post("/x", showText)
    .get("/:id", (ctx) => new Response(`${ctx.state.text}${ctx.params.id}`));
  const app = new App<State>().use(add("O")).get("/", showText).mountApp("/in", inner);
  const client = new Client(app);
  assertEquals(await client.text("/"), "O");
  assertEquals(await client.text("/in"), "OI");
  assertEquals(await (await client.post("/in/x")).text(), "OI");
  assertEquals(await client.text("/in/7"), "OI7");
});

Deno.test("an app mounted at the root adds its middlewares to the root", async () => {
  const inner = new App<State>().use(add("I")).get("/foo", showText);
  const app = new App<State>().use(add("O")).get("/", showText).mountApp("/", inner);
  assertEquals(await new Client(app).text("/"), "O");
  assertEquals(await new Client(app).text("/foo"), "OI");
});

Deno.test("the base paths of the outer and the mounted app both apply", async () => {
  const inner = new App({ basePath: "/api" }).get("/users", () => new Response("users"));
  const app = new App({ basePath: "/main" }).mountApp("/v1", inner);
  assertEquals(await new Client(app).text("/main/v1/api/users"), "users");
  assertEquals((await new Client(app).get("/v1/api/users")).status, 404);
});

Deno.test("a lazy handler is loaded once, on the first request", async () => {
  let loads = 0;
  const app = new App().get("/", () => {
    loads++;
    return Promise.resolve(() => new Response("ok"));
  });
  const client = new Client(app);
  assertEquals(loads, 0);
  assertEquals(await client.text("/"), "ok");
  assertEquals(await client.text("/"), "ok");
  assertEquals(loads, 1);
});

Deno.test("a lazy middleware passes the request on like any other", async () => {
  const app = new App<State>().use(() => Promise.resolve(add("L"))).get("/", showText);
  assertEquals(await new Client(app).text("/"), "L");
});

Deno.test("a lazy route is loaded once and answers every method", async () => {
  let loads = 0;
  const app = new App().route("/", () => {
    loads++;
    return Promise.resolve({ handler: (ctx: Context<unknown>) => new Response(ctx.req.method) });
  });
  const client = new Client(app);
  assertEquals(await client.text("/"), "GET");
  assertEquals(await (await client.post("/")).text(), "POST");
  assertEquals(loads, 1);
});

Deno.test("a lazy route with handlers by method answers 404 to a method that it lacks", async () => {
  const app = new App().route(
    "/",
    () => Promise.resolve({ handler: { GET: () => new Response("get") } }),
  );
  const client = new Client(app);
  assertEquals(await client.text("/"), "get");
  assertEquals((await client.post("/")).status, 404);
  assertEquals((await client.request("/", { method: "OPTIONS" })).status, 404);
});

Deno.test("the methods of a lazy route can be narrowed by its config", async () => {
  const app = new App().route(
    "/",
    () => Promise.resolve({ handler: () => new Response("ok") }),
    { methods: ["GET"] },
  );
  assertEquals(await new Client(app).text("/"), "ok");
  assertEquals((await new Client(app).post("/")).status, 405);
});
