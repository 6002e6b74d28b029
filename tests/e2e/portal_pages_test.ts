/** What every page of the tenant portal is, in a real browser. */
import { assert, assertEquals } from "@std/assert";
import { browserTest, withPage } from "../support/browser.ts";
import { HOSTILE_NAMES } from "../support/hostile_names.ts";
import { axeFaults, checkPages, overflow } from "../support/page_checks.ts";
import { onePortal, PAGES, signIn, statementPath, TENANT } from "../support/portal_app.ts";

const app = onePortal();

browserTest(
  "every page has no accessibility fault and no console error, light and dark, wide and narrow",
  async () => {
    const { baseUrl } = await app();
    await withPage(async (page, problems) => {
      await signIn(await app(), page);
      const paths = [...PAGES, "/", "/docs/problems", await statementPath(await app(), page)];
      await checkPages(page, paths.map((path) => baseUrl + path));
      assertEquals(problems, []);
    });
  },
);

/** Pages with something that follows a stream, a pointer, typing or the clipboard. */
const ISLANDS = new Set<string>([
  "/portal",
  "/portal/usage",
  "/portal/usage?show=calls_by_status",
  "/portal/start",
  "/portal/plan",
]);

browserTest(
  "pages without islands ship no script, and no page more than 40 kB of it or of itself",
  async () => {
    const { baseUrl } = await app();
    await withPage(async (page) => {
      await signIn(await app(), page);
      let loading: Promise<number>[] = [];
      // Handling requests keeps the browser from answering them out of its cache.
      await page.route("**/*.js", (route) => route.continue());
      page.on("response", (response) => {
        if (response.request().resourceType() !== "script") return;
        loading.push(response.body().then(gzipSize));
      });
      for (const path of PAGES) {
        loading = [];
        await page.goto(baseUrl + path, { waitUntil: "load" });
        await page.evaluate("new Promise((done) => requestIdleCallback(done))");
        const html = await page.content();
        assertEquals(html.includes("<script"), ISLANDS.has(path), path);
        const scripts = (await Promise.all(loading)).reduce((sum, size) => sum + size, 0);
        assertEquals(scripts > 0, ISLANDS.has(path), path);
        assert(scripts <= 40_000, `${path} loads ${scripts} bytes of compressed script`);
        const size = await gzipSize(new TextEncoder().encode(html));
        assert(size <= 40_000, `${path} is ${size} bytes, compressed`);
      }
    });
  },
);

browserTest("everything works without JavaScript: theme, budget, draft with a fault", async () => {
  const { baseUrl, link } = await app();
  await withPage(async (page) => {
    const address = new URL(await link(TENANT));
    await page.goto(`${baseUrl}/portal/sign-in/confirm`);
    await page.getByLabel("Link from the mail").fill(address.href);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL(`${baseUrl}/portal`);
    await page.getByRole("button", { name: "Dark theme" }).click();
    assertEquals(await page.locator("html").getAttribute("data-theme"), "dark");
    assertEquals(new URL(page.url()).pathname, "/portal");

    await page.goto(`${baseUrl}/portal/alerts`);
    await page.getByLabel(/Amount/).fill("250");
    await page.getByRole("button", { name: "Save budget" }).click();
    await page.getByText("The budget is saved.").waitFor();
    await page.reload();
    assertEquals(await page.getByText("The budget is saved.").count(), 0);
    await page.getByLabel("E-mail to").fill("not an address");
    await page.getByRole("button", { name: "Save alerts" }).click();
    await page.getByText("At most 5 e-mail addresses").waitFor();

    await page.goto(`${baseUrl}/portal/plan/preview?to=scale@1`);
    await page.getByRole("button", { name: "Move to Scale" }).first().click();
    assert(await page.getByRole("dialog").isVisible(), "The dialog opens without a script");
  }, { javaScriptEnabled: false });
});

browserTest("hostile names stay inert on every page", async () => {
  const { baseUrl, runtime } = await app();
  const { services } = runtime;
  await withPage(async (page, problems) => {
    let dialogs = 0;
    page.on("dialog", (dialog) => {
      dialogs += 1;
      return dialog.dismiss();
    });
    await signIn(await app(), page);
    for (const name of HOSTILE_NAMES) {
      const found = await services.tenants.tenant(TENANT);
      assert(found !== null);
      const branding = { ...found.value.branding, displayName: name };
      await services.tenants.putTenant({ ...found.value, branding }, found.versionstamp);
      const key = (await services.tenants.apiKeys(TENANT))[0];
      assert(key !== undefined);
      const stored = await services.tenants.apiKey(TENANT, key.keyId);
      assert(stored !== null);
      await services.tenants.putApiKey({ ...stored.value, name }, stored.versionstamp);
      for (const path of ["/portal", "/portal/keys", "/portal/usage", "/portal/settings"]) {
        await page.goto(baseUrl + path);
        assertEquals(await page.locator("h1").count(), 1, `${path} with ${JSON.stringify(name)}`);
        assertEquals(await page.locator('img[src="x"], main script').count(), 0);
        assert(await overflow(page) <= 0, `${path} with ${JSON.stringify(name)}`);
      }
    }
    assertEquals(dialogs, 0);
    assertEquals(problems, []);
  });
});

browserTest("the API reference and every problem code are pages", async () => {
  const { baseUrl } = await app();
  await withPage(async (page) => {
    await page.goto(`${baseUrl}/docs`);
    await page.getByRole("heading", { name: "Rate one instrument" }).waitFor();
    assertEquals(await axeFaults(page), []);
    assertEquals((await page.request.get(`${baseUrl}/docs/problems/rate_limited`)).status(), 200);
    assertEquals((await page.request.get(`${baseUrl}/docs/problems/constructor`)).status(), 404);
  });
});

async function gzipSize(bytes: Uint8Array): Promise<number> {
  const stream = new Blob([new Uint8Array(bytes)]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).bytes()).length;
}
