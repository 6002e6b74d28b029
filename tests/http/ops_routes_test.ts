/** What operations tools ask for: /healthz, /readyz, /metrics, and who may read the last. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { OPERATOR_TOKEN, startApi } from "../support/api_world.ts";

Deno.test("metrics are for the operator and for a scraper on this machine, not through its proxy", async () => {
  await using world = await startApi();
  const ask = async (from: string, headers: Record<string, string> = {}, key?: string) => {
    const reply = await world.send({
      path: "/metrics",
      from,
      headers,
      ...key === undefined ? {} : { key },
    });
    return reply.status;
  };
  for (const local of ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"]) {
    assertEquals(await ask(local), 200, local);
    for (const header of ["x-forwarded-for", "forwarded", "via", "x-real-ip"]) {
      assertEquals(await ask(local, { [header]: "127.0.0.1" }), 401, `${local} ${header}`);
    }
  }
  for (const other of ["203.0.113.5", "10.0.0.1", "::ffff:10.0.0.1"]) {
    assertEquals(await ask(other), 401, other);
    assertEquals(await ask(other, { "x-forwarded-for": "127.0.0.1" }), 401);
    assertEquals(await ask(other, {}, "not-the-token"), 401);
    assertEquals(await ask(other, {}, OPERATOR_TOKEN), 200);
  }
});

Deno.test("routes of operations say which methods they take", async () => {
  await using world = await startApi();
  for (const path of ["/healthz", "/readyz", "/metrics", "/openapi.json"]) {
    const from = "127.0.0.1";
    assertEquals((await world.send({ path, from })).status, 200, path);
    const head = await world.send({ path, from, method: "HEAD" });
    assertEquals([head.status, head.text], [200, ""], path);
    const wrong = await world.send({ path, from, method: "POST" });
    assertEquals([wrong.status, wrong.body.code], [405, "method_not_allowed"], path);
    assertStringIncludes(wrong.headers.get("allow") ?? "", "GET");
  }
});
