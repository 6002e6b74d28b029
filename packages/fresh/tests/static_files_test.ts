import { assertEquals, assertMatch } from "@std/assert";
import { App, staticFiles } from "fresh";
import { Builder } from "fresh/dev";
import { asset } from "fresh/runtime";
import { Client, FIXTURE } from "./support.ts";

async function clientFor(
  { mode = "production", basePath = "" }: {
    mode?: "production" | "development";
    basePath?: string;
  } = {},
): Promise<Client> {
  const apply = await new Builder({ root: FIXTURE }).build({ mode, snapshot: "memory" });
  const app = new App({ basePath }).use(staticFiles()).get("/page", () => new Response("page"));
  apply(app);
  return new Client(app);
}

const client = await clientFor();
const REVALIDATE = "no-cache, no-store, max-age=0, must-revalidate";

Deno.test("a static file is served with type, length, ETag and no caching", async () => {
  const response = await client.get("/hello.txt");
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-type"), "text/plain; charset=UTF-8");
  assertEquals(response.headers.get("content-length"), "11");
  assertEquals(response.headers.get("cache-control"), REVALIDATE);
  assertEquals(response.headers.get("vary"), "If-None-Match");
  assertMatch(response.headers.get("etag") ?? "", /^W\/"[0-9a-f]{64}"$/);
  assertEquals(await response.text(), "plain text\n");
});

Deno.test("a matching If-None-Match gets 304, weak, strong or bare", async () => {
  const etag = (await client.get("/hello.txt")).headers.get("etag") ?? "";
  for (const value of [etag, etag.slice(2), etag.slice(3, -1), `"x", ${etag}`]) {
    const response = await client.get("/hello.txt", { "if-none-match": value });
    assertEquals(response.status, 304, value);
    assertEquals(await response.text(), "");
  }
  assertEquals((await client.get("/hello.txt", { "if-none-match": '"x"' })).status, 200);
});

Deno.test("a file addressed with the build id is cached for ever", async () => {
  const response = await client.get(asset("/hello.txt"));
  assertEquals(response.headers.get("cache-control"), "public, max-age=31536000, immutable");
});

Deno.test("a stale build id is redirected to the file's plain address", async () => {
  const response = await client.get("/hello.txt?__frsh_c=old&a=1");
  assertEquals(response.status, 307);
  assertEquals(response.headers.get("location"), "/hello.txt?a=1");
});

Deno.test("HEAD of a static file has its headers and no body", async () => {
  const response = await client.request("/hello.txt", { method: "HEAD" });
  assertEquals(response.headers.get("content-length"), "11");
  assertEquals(await response.text(), "");
});

Deno.test("other methods on a static file get 405", async () => {
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    assertEquals((await client.request("/hello.txt", { method })).status, 405);
  }
});

Deno.test("a missing favicon is an empty 404", async () => {
  const response = await client.get("/favicon.ico");
  assertEquals(response.status, 404);
  assertEquals(await response.text(), "");
});

Deno.test("what is no static file goes on to the routes", async () => {
  assertEquals(await client.text("/page"), "page");
});

Deno.test("paths cannot leave the static folder", async () => {
  for (const path of ["/../main.ts", "/%2e%2e/main.ts", "/..%2fmain.ts", "/%00", "/%E0%A4%A"]) {
    assertEquals((await client.get(path)).status, 404, path);
  }
});

Deno.test("addresses in style sheets get the build id", async () => {
  assertMatch(await client.text("/styles.css"), /url\("\/pixel\.svg\?__frsh_c=[0-9a-f]{40}"\)/);
});

Deno.test("in development nothing is cached and there is no ETag", async () => {
  const dev = await clientFor({ mode: "development" });
  for (const path of ["/hello.txt", asset("/hello.txt")]) {
    const { headers } = await dev.get(path);
    assertEquals(headers.get("cache-control"), REVALIDATE);
    assertEquals(headers.get("etag"), null);
  }
});

Deno.test("static files move below the base path", async () => {
  const based = await clientFor({ basePath: "/base" });
  assertEquals(await based.text("/base/hello.txt"), "plain text\n");
  assertEquals((await based.get("/hello.txt")).status, 404);
});

Deno.test("without a build there are no static files", async () => {
  const app = new App().use(staticFiles()).get("/x", () => new Response("x"));
  assertEquals(await new Client(app).text("/x"), "x");
});
