/** What no form of the tenant portal loses, overwrites or does twice, in a real browser. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { browserTest, strangersPage, withPage } from "../support/browser.ts";
import { onePortal, OTHER, signIn } from "../support/portal_app.ts";

const app = onePortal();

browserTest(
  "two admins who edit one thing: the later is told, and nothing is overwritten",
  async () => {
    const { baseUrl } = await app();
    await withPage(async (page) => {
      await signIn(await app(), page);
      await page.goto(`${baseUrl}/portal/settings`);
      const other = await strangersPage(page);
      await signIn(await app(), other);
      await other.goto(`${baseUrl}/portal/settings`);
      await other.getByLabel("Display name").fill("Northwind One");
      await other.getByRole("button", { name: "Save" }).click();
      await other.getByText("The settings are saved.").waitFor();
      await page.getByLabel("Display name").fill("Northwind Two");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("Somebody else saved in between").waitFor();
      assertStringIncludes(await page.locator("main").innerText(), "Northwind One");
      assertEquals(await page.getByLabel("Display name").inputValue(), "Northwind Two");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("The settings are saved.").waitFor();
    });
  },
);

browserTest("a session that ends mid-form keeps the draft", async () => {
  const { baseUrl } = await app();
  await withPage(async (page) => {
    await signIn(await app(), page);
    await page.goto(`${baseUrl}/portal/alerts`);
    await page.getByLabel(/Amount/).fill("777");
    await page.context().clearCookies({ name: "sid" });
    await page.getByRole("button", { name: "Save budget" }).click();
    await page.getByText("Your session has ended").first().waitFor();
    const draft = await page.locator('input[name="amount"]').getAttribute("value");
    assertEquals(draft, "777");
  });
});

browserTest("another tenant's things are as absent as things that never were", async () => {
  const { baseUrl, runtime } = await app();
  const foreign = (await runtime.services.tenants.apiKeys(OTHER))[0]?.keyId ?? "";
  await withPage(async (page) => {
    await signIn(await app(), page);
    await page.goto(`${baseUrl}/portal/keys`);
    const token = await page.locator('input[name="csrf_token"]').first().getAttribute("value");
    for (const keyId of [foreign, "key_absent"]) {
      const reply = await page.request.post(`${baseUrl}/portal/keys/${keyId}/revoke`, {
        headers: { origin: baseUrl },
        form: { csrf_token: token ?? "", confirmation: "revoke" },
      });
      assertEquals(reply.status(), 404);
    }
    for (const path of ["/portal/invoices/2020-01-01", "/portal/invoices/x", "/portal/nothing"]) {
      assertEquals((await page.request.get(baseUrl + path)).status(), 404, path);
    }
  });
  const key = (await runtime.services.tenants.apiKey(OTHER, foreign))?.value;
  assertEquals(key?.revokedAtMs, null);
});

browserTest("a form from another site is refused, with or without a session", async () => {
  const { baseUrl } = await app();
  await withPage(async (page) => {
    await signIn(await app(), page);
    const reply = await page.request.post(`${baseUrl}/portal/alerts/budget`, {
      headers: { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
      form: { amount: "1" },
    });
    assertEquals(reply.status(), 403);
  });
});
