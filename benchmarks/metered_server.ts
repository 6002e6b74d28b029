/** The whole app on a database file, served; prints where once it listens. */
import { composeMeteredApp } from "./metered_app.ts";

const app = await composeMeteredApp({
  kvUrl: Deno.env.get("KV_URL") ?? ":memory:",
  instruments: Number(Deno.env.get("INSTRUMENTS") ?? "1"),
});
const server = Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => {
    console.log(JSON.stringify({ port, key: app.key, instrumentIds: app.instrumentIds }));
  },
}, app.handler);
Deno.addSignalListener("SIGTERM", async () => {
  await server.shutdown();
  await app.stop();
  Deno.exit(0);
});
