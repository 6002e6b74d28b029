/** The one form that everybody may send. */
import { assertEquals } from "@std/assert";
import { startApi } from "../support/api_world.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded" };

Deno.test("the theme's form sets a cookie and leads back to its own page, never elsewhere", async () => {
  await using world = await startApi();
  const set = async (body: string, referer?: string) => {
    const headers = { ...FORM, ...referer === undefined ? {} : { referer } };
    const reply = await world.send({ path: "/theme", body, headers });
    const cookie = reply.headers.get("set-cookie")?.split(";")[0];
    return [reply.status, reply.headers.get("location"), cookie];
  };
  const own = world.runtime.services.env.baseUrl;
  assertEquals(await set("theme=dark", `${own}/docs?a=1`), [303, "/docs?a=1", "theme=dark"]);
  assertEquals(await set("theme=light", "https://evil.example/docs"), [303, "/", "theme=light"]);
  assertEquals(await set("theme=light", `${own}//evil.example`), [303, "/", "theme=light"]);
  assertEquals(await set("theme=%0d%0aX: y"), [303, "/", "theme=system"]);
});

Deno.test("what is no small form is refused before it is read", async () => {
  await using world = await startApi();
  const send = async (body: string, headers: Record<string, string>) =>
    (await world.send({ path: "/theme", body, headers })).status;
  assertEquals(await send("{}", { "content-type": "application/json" }), 400);
  assertEquals(await send(`theme=${"x".repeat(9_000)}`, FORM), 413);
});
