/** API keys and first calls in the tenant portal, in a real browser. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { browserTest, withPage } from "../support/browser.ts";
import { axeFaults } from "../support/page_checks.ts";
import { onePortal, signIn } from "../support/portal_app.ts";

const app = onePortal();

browserTest(
  "a key is made, shown once, rotated with grace and revoked after typing the word",
  async () => {
    const { baseUrl } = await app();
    await withPage(async (page, problems) => {
      await signIn(await app(), page);
      await page.goto(`${baseUrl}/portal/keys`);
      await page.getByLabel("Name").fill("Night batch");
      await page.getByRole("button", { name: "Create key" }).click();
      const secret = await page.locator(".secret code").innerText();
      assert(/^cm_test_[0-9A-Za-z]{36}$/.test(secret), secret);
      assertStringIncludes(await page.locator("main").innerText(), "won't be shown again");
      assertEquals(await axeFaults(page), []);
      await page.getByRole("link", { name: "I have stored it" }).click();
      assertEquals((await page.content()).includes(secret), false);

      const row = page.getByRole("row", { name: /Night batch/ }).first();
      await row.getByRole("button", { name: /Rotate/ }).first().click();
      await row.getByRole("dialog").getByRole("button", { name: "Rotate" }).click();
      const second = await page.locator(".secret code").innerText();
      assert(second !== secret);
      assertStringIncludes(await page.locator("main").innerText(), "The old key stops");
      await page.goto(`${baseUrl}/portal/keys`);
      assertEquals(await page.getByText("expiring").count(), 1);

      const active = page.getByRole("row", { name: /Night batch.*active/ });
      await active.getByRole("button", { name: /Revoke/ }).first().click();
      await active.getByLabel(/Type/).fill("revoke");
      await active.getByRole("button", { name: "Revoke this key" }).click();
      await page.getByText("The key is revoked").waitFor();
      assertEquals(await page.getByText("revoked", { exact: true }).count(), 1);
      assertEquals(problems, []);
    });
  },
);
