import { assertEquals, assertRejects } from "@std/assert";
import { App } from "fresh";

/** Lets an app listen, asks for its root, and stops it. */
async function answerOf(app: App<unknown>, options: Parameters<App<unknown>["listen"]>[0] = {}) {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<Deno.NetAddr>();
  const listening = app.listen({
    hostname: "127.0.0.1",
    ...options,
    signal: controller.signal,
    onListen: resolve,
  });
  const address = await promise;
  const response = await fetch(`http://127.0.0.1:${address.port}/`);
  const text = await response.text();
  controller.abort();
  await listening;
  return { port: address.port, text };
}

Deno.test("app.listen() serves on the port that it is given", async () => {
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr;
  free.close();
  const app = new App().get("/", (ctx) => new Response(ctx.info.remoteAddr.transport));
  assertEquals(await answerOf(app, { port }), { port, text: "tcp" });
});

Deno.test("without a port the first free one from 8000 to 8019 is taken", async () => {
  const app = new App().get("/", () => new Response("ok"));
  const { port, text } = await answerOf(app);
  assertEquals([port >= 8000 && port < 8020, text], [true, "ok"]);
});

Deno.test("a port that is taken is an error if it was asked for", async () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  try {
    await assertRejects(
      () => new App().listen({ hostname: "127.0.0.1", port: taken.addr.port }),
      Deno.errors.AddrInUse,
    );
  } finally {
    taken.close();
  }
});
