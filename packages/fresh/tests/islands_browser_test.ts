import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Builder } from "fresh/dev";
import { browserTest, type Page, withPage } from "../../../tests/support/browser.ts";
import { app } from "./fixtures/app/main.ts";
import { FIXTURE } from "./support.ts";

const apply = await new Builder({ root: FIXTURE }).build({ snapshot: "memory" });
apply(app);
const handler = app.handler();

async function visit(
  pathname: string,
  use: (page: Page, problems: string[], requests: string[]) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
  try {
    await withPage(async (page, problems) => {
      const requests: string[] = [];
      page.on("request", (request) => requests.push(new URL(request.url()).pathname));
      await page.goto(`http://127.0.0.1:${server.addr.port}${pathname}`, { waitUntil: "load" });
      await use(page, problems, requests);
    });
  } finally {
    await server.shutdown();
  }
}

browserTest("one signal passed to three islands keeps them in step", async () => {
  await visit("/", async (page, problems) => {
    await page.click("#one button");
    await page.locator("#two output", { hasText: "4" }).waitFor();
    await page.click("#two button");
    await page.locator("#one output", { hasText: "5" }).waitFor();
    assertEquals(await page.textContent("#one output"), "5");
    assertEquals(await page.textContent("#double"), "10");
    assertEquals(problems, []);
  });
});

browserTest("islands are revived under a nonce-only script policy", async () => {
  await visit("/", async (page, problems) => {
    const policy = await page.evaluate(async () =>
      (await fetch(location.href)).headers.get("content-security-policy")
    );
    const scriptSrc = policy?.split("; ").find((part) => part.startsWith("script-src")) ?? "";
    assertStringIncludes(scriptSrc, "'nonce-");
    assert(!scriptSrc.includes("unsafe-inline"));
    await page.click("#one button");
    await page.locator("#one output", { hasText: "4" }).waitFor();
    assertEquals(problems, []);
  });
});

browserTest("an island inside an island is rendered by the outer one", async () => {
  await visit("/nested", async (page, problems) => {
    await page.locator("#ready", { hasText: "ready" }).waitFor();
    await page.click("#inner");
    await page.locator("#inner", { hasText: "11" }).waitFor();
    assertEquals(await page.locator("#inner").count(), 1);
    assertEquals(problems, []);
  });
});

browserTest("reviving keeps the server's nodes and the order around the island", async () => {
  await visit("/nested", async (page) => {
    await page.locator("#ready", { hasText: "ready" }).waitFor();
    const order = await page.evaluate(() =>
      [...document.querySelectorAll("p, button")].map((element) => element.id)
    );
    assertEquals(order, ["before", "ready", "asset", "inner", "after"]);
  });
});

browserTest("asset() in an island names the same build as on the server", async () => {
  await visit("/nested", async (page) => {
    const server = await (await handler(new Request("http://localhost/nested"))).text();
    await page.locator("#ready", { hasText: "ready" }).waitFor();
    const address = await page.textContent("#asset") ?? "";
    assertStringIncludes(address, "/styles.css?__frsh_c=");
    assertStringIncludes(server, address);
  });
});

browserTest("every supported kind of prop arrives in the browser as it was", async () => {
  await visit("/values", async (page, problems) => {
    await page.locator("#values", { hasText: "big" }).waitFor();
    const seen = JSON.parse(await page.textContent("#values") ?? "");
    assertEquals(seen, {
      big: "12345678901234567890",
      date: "2026-01-02T03:04:05.000Z",
      map: [["a", 1]],
      set: [1, 2],
      bytes: [1, 2, 3],
      url: "https://example.com/x",
      pattern: "/a+/g",
      numbers: ["NaN", "Infinity", "-Infinity", "-0"],
      text: "</script><!-- \u2028",
      shared: true,
      cycle: true,
    });
    assertEquals(problems, []);
  });
});

browserTest("a page without islands loads no script at all", async () => {
  await visit("/static", async (page, problems, requests) => {
    assertEquals(await page.locator("script").count(), 0);
    assertEquals(requests.filter((path) => path.endsWith(".js")), []);
    assertEquals(problems, []);
  });
});

browserTest("a page loads the bundles of its own islands only", async () => {
  await visit("/nested", async (page, _problems, requests) => {
    await page.locator("#ready", { hasText: "ready" }).waitFor();
    const names = requests.filter((path) => path.endsWith(".js")).join(" ");
    assertStringIncludes(names, "/Outer-");
    assert(!names.includes("/Counter-"), names);
  });
});
