/** The portal in its longest language, in a real browser; what it says is in `tests/http`. */
import { assert, assertEquals } from "@std/assert";
import { browserTest, withPage } from "../support/browser.ts";
import { checkPage, overflow } from "../support/page_checks.ts";
import { onePortal, PAGES, signIn, statementPath, TENANT } from "../support/portal_app.ts";
import { changeTenant } from "../support/whole_app.ts";

const app = onePortal();

browserTest("in German, the longest language, every page fits a phone", async () => {
  const portal = await app();
  await changeTenant(portal.runtime, TENANT, () => ({ locale: "de-DE" }));
  await withPage(async (page, problems) => {
    await signIn(portal, page);
    await page.setViewportSize({ width: 390, height: 844 });
    for (const path of [...PAGES, await statementPath(portal, page)]) {
      await page.goto(portal.baseUrl + path);
      assertEquals(await page.locator("html").getAttribute("lang"), "de");
      assert(await overflow(page) <= 0, `${path} is wider than a phone`);
    }
    await page.goto(`${portal.baseUrl}/portal/keys`);
    await page.getByRole("button", { name: "Erneuern" }).first().click();
    await page.getByRole("dialog").getByRole("button", { name: "Erneuern" }).click();
    await page.getByText("Jetzt kopieren.").waitFor();
    await page.getByRole("button", { name: "Kopieren" }).first().waitFor();
    await checkPage(page, "a rotated key in German");
    assertEquals(problems, []);
  });
});
