/** The yardstick: the least that a JSON reply costs on this machine. */
const server = Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(JSON.stringify({ port, key: "", instrumentIds: [] })),
}, async (req) => {
  await req.text();
  return Response.json({ status: "ok" });
});
Deno.addSignalListener("SIGTERM", () => server.shutdown());
