/** Usage, requests and the live stream of the tenant portal, in a real browser. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { browserTest, withPage } from "../support/browser.ts";
import { onePortal, signIn, TENANT } from "../support/portal_app.ts";
import { useUnits } from "../support/whole_app.ts";

const app = onePortal();

browserTest("the overview follows usage while one looks, as it happens", async () => {
  const { baseUrl, runtime } = await app();
  await withPage(async (page) => {
    await signIn(await app(), page);
    await page.goto(`${baseUrl}/portal`);
    const live = page.locator(".live-chart");
    await live.waitFor();
    const before = await live.locator("strong").innerText();
    await useUnits(runtime, { tenantId: TENANT, meter: "risk_score", units: 4_321n });
    await live.locator("strong").filter({ hasNotText: before }).waitFor();
    assertStringIncludes(await live.innerText(), "Live,");
  });
});

browserTest(
  "live figures that stop coming are no longer called live after five seconds",
  async () => {
    await withPage(async (page) => {
      await page.route("**/portal/live", (route) =>
        route.fulfill({
          contentType: "text/event-stream",
          body: `retry: 600000\ndata: {"asOfMs":0,"windowMs":5000,"windows":["7"]}\n\n`,
        }));
      await signIn(await app(), page);
      const live = page.locator(".live-chart");
      await live.getByText("Live,").waitFor();
      await live.getByText("reconnecting").waitFor();
      assertEquals(await live.getByText("Live,").count(), 0);
    });
  },
);
