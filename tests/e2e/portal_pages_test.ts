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

browserTest(
  "pages without islands ship no script, and the largest page stays under 40 kB",
  async () => {
    const { baseUrl } = await app();
    await withPage(async (page) => {
      await signIn(await app(), page);
      for (const path of PAGES) {
        const html = await (await page.request.get(baseUrl + path)).text();
        const scripts = [...html.matchAll(/(?:from|import) ?"([^"]+\.js)"/g)].map((hit) => hit[1]);
        const quiet = ["/portal/usage", "/portal/invoices", "/portal/keys", "/portal/settings"];
        if (quiet.includes(path)) assertEquals(html.includes("<script"), false, path);
        let compressed = 0;
        for (const script of new Set(scripts)) {
          const body = await (await page.request.get(baseUrl + script)).body();
          compressed += await gzipSize(body);
        }
        assert(compressed <= 40_000, `${path} ships ${compressed} bytes of compressed JavaScript`);
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
