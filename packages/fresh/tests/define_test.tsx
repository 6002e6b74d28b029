import { assertEquals, assertStrictEquals } from "@std/assert";
import { App, createDefine, page, type PageResponse, type RouteData } from "fresh";
import { Client } from "./support.ts";

interface State {
  user: string;
}

const define = createDefine<State>();

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

/** Fails to compile unless its type argument is `true`. */
function holds<_T extends true>(): void {}

Deno.test("createDefine() gives back what it is given", () => {
  const handlers = { GET: () => new Response() };
  const component = () => null;
  const middleware = () => new Response();
  assertStrictEquals(define.handlers(handlers), handlers);
  assertStrictEquals(define.page(component), component);
  assertStrictEquals(define.layout(component), component);
  assertStrictEquals(define.middleware(middleware), middleware);
});

Deno.test("handlers know the state, and their page the data that they return", async () => {
  const handler = define.handlers({
    GET: async (ctx) => {
      holds<Equal<typeof ctx.state.user, string>>();
      await Promise.resolve();
      return ctx.state.user === "" ? ctx.redirect("/") : page({ name: ctx.state.user });
    },
    POST: () => page({ posted: 1 }),
  });
  holds<Equal<RouteData<typeof handler>, { name: string } | { posted: number }>>();
  const component = define.page<typeof handler>(({ data, state }) => (
    <p>{"name" in data ? data.name : data.posted}, {state.user}</p>
  ));
  const app = new App<State>().use((ctx) => {
    ctx.state.user = "ada";
    return ctx.next();
  }).route("/", { handler, component: component as never });
  assertEquals((await new Client(app).text("/")).includes("<p>ada, ada</p>"), true);
});

Deno.test("a single handler function types its page as well", () => {
  const handler = define.handlers(() => page({ count: 1 }));
  holds<Equal<RouteData<typeof handler>, { count: number }>>();
});

Deno.test("a method that only responds does not blur the data of the others", () => {
  const handler = define.handlers({
    GET: () => page({ count: 1 }),
    POST: (ctx) => ctx.redirect("/", 303),
  });
  holds<Equal<RouteData<typeof handler>, { count: number }>>();
});

Deno.test("the data of a handler that only responds is unknown", () => {
  const handler = define.handlers({ GET: () => new Response() });
  holds<Equal<RouteData<typeof handler>, unknown>>();
});

Deno.test("page() keeps data, status and headers", () => {
  const headers = { "x-a": "1" };
  assertEquals(page("x", { status: 201, headers }), { data: "x", status: 201, headers });
  const empty: PageResponse<undefined> = page();
  assertEquals(empty, { data: undefined });
});
