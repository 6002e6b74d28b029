/**
 * The whole app on a database file, served; prints where once it listens. `GET /loop-delay` tells
 * how long its event loop was kept busy since it was last asked.
 */
import { LoopDelay } from "./loop_delay.ts";
import { composeMeteredApp } from "./metered_app.ts";

const app = await composeMeteredApp({
  kvUrl: Deno.env.get("KV_URL") ?? ":memory:",
  instruments: Number(Deno.env.get("INSTRUMENTS") ?? "1"),
});
const loopDelay = new LoopDelay();
const { handler, key, instrumentIds } = app;
const server = Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(JSON.stringify({ port, key, instrumentIds })),
}, (req, info) => {
  return req.url.endsWith("/loop-delay") ? Response.json(loopDelay.take()) : handler(req, info);
});
Deno.addSignalListener("SIGTERM", async () => {
  await server.shutdown();
  await app.stop();
  Deno.exit(0);
});
