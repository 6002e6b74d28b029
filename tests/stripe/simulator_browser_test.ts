/** A person pays, changes the card and cancels in a real browser, under the pages' own policy. */
import { assertEquals } from "@std/assert";
import { browserTest, withPage } from "../support/browser.ts";
import { growthPlan } from "./sample_plans.ts";
import { openStripeWorld } from "./stripe_world.ts";

browserTest("checkout, portal and invoice pages work without a script", async () => {
  const world = await openStripeWorld({ http: true });
  const { provider, baseUrl } = world;
  try {
    const { stripeCustomerId } = await provider.ensureCustomer({
      tenantId: "ten_a",
      name: "Acme Markets",
      email: null,
    });
    const portal = await provider.portalUrl({ stripeCustomerId, returnUrl: baseUrl });
    const checkout = await provider.checkoutUrl({
      stripeCustomerId,
      plan: await provider.ensurePlan(growthPlan()),
      successUrl: portal,
      cancelUrl: baseUrl,
    });
    await withPage(async (page, problems) => {
      await page.goto(checkout);
      assertEquals(await page.locator("h1").textContent(), "Subscribe");
      await page.getByRole("button", { name: "Use a card that is declined" }).click();
      await page.getByRole("alert").getByText("The card was declined.").waitFor();
      await page.getByRole("button", { name: "Pay with a test card" }).click();
      await page.locator("h1").getByText("Billing of Acme Markets").waitFor();
      await page.getByRole("link").first().click();
      await page.locator("tfoot").getByText("$26.08").first().waitFor();
      await page.goto(portal);
      await page.getByRole("button", { name: "Cancel the subscription now" }).click();
      await page.getByText("None", { exact: true }).waitFor();
      const background = await page.locator("button.primary").evaluate((button) =>
        getComputedStyle(button).backgroundColor
      );
      assertEquals(background, "rgb(59, 91, 219)");
      assertEquals(problems, []);
    });
  } finally {
    await world.close();
  }
});
