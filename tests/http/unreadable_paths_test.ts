/** Addresses that can't be read: a page for people, a problem for machines. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { startWholeApp } from "@/tests/support/whole_app.ts";

Deno.test({
  name: "a page's address with a % that starts no escape is a page that is not there",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using app = await startWholeApp();
    for (const path of ["/%", "/portal/%", "/operator/%E0%A4%A", "/docs/problems/%zz?a=%"]) {
      const reply = await fetch(app.baseUrl + path, { redirect: "manual" });
      assertEquals([reply.status, reply.headers.get("content-type")], [
        404,
        "text/html; charset=utf-8",
      ], path);
      assertStringIncludes(await reply.text(), "Nothing is here", path);
    }
    for (const path of ["/v1/%", "/operator/v1/%E0%A4%A"]) {
      const reply = await fetch(app.baseUrl + path);
      assertEquals([reply.status, (await reply.json()).code], [400, "malformed_url"], path);
    }
  },
});
