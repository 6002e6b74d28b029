/** Plan, invoices, budget and alerts of the tenant portal, in a real browser. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { provisionTenant } from "@/lib/billing/provision_tenant.ts";
import { browserTest, strangersPage, withPage } from "../support/browser.ts";
import { axeFaults } from "../support/page_checks.ts";
import { onePortal, OTHER, signIn, statementPath } from "../support/portal_app.ts";

const app = onePortal();

browserTest("a plan changes after its preview, and a stale preview changes nothing", async () => {
  const { baseUrl, runtime } = await app();
  await withPage(async (page) => {
    await signIn(await app(), page, { tenantId: OTHER });
    await page.goto(`${baseUrl}/portal/plan/preview?to=scale@1`);
    const other = await strangersPage(page);
    await signIn(await app(), other, { tenantId: OTHER });
    await other.goto(`${baseUrl}/portal/plan/preview?to=starter@1`);
    for (const [admin, plan] of [[page, "Scale"], [other, "Starter"]] as const) {
      await admin.getByRole("button", { name: `Move to ${plan}` }).first().click();
      await admin.getByRole("dialog").getByRole("button", { name: `Move to ${plan}` }).click();
    }
    await page.getByText("The plan is changed.").waitFor();
    await other.getByText("Somebody else changed this in between.").waitFor();
    const tenant = await runtime.services.tenants.tenant(OTHER);
    assertEquals(tenant?.value.planRevision, "scale@1");
  });
});

browserTest("an invoice line says how it came about, and files hold what pages show", async () => {
  const { baseUrl } = await app();
  await withPage(async (page) => {
    await signIn(await app(), page);
    const statement = baseUrl + await statementPath(await app(), page);
    await page.goto(statement);
    const line = await page.getByRole("link", { name: /Risk scores/ }).first().getAttribute("href");
    await page.goto(baseUrl + line);
    await page.getByText("The books balance.").first().waitFor();
    assertEquals(await axeFaults(page), []);
    const csv = await page.request.get(`${statement}/csv`);
    assertStringIncludes(csv.headers()["content-type"] ?? "", "text/csv");
    assertStringIncludes(await csv.text(), "risk_score");
    const usage = await page.request.get(`${baseUrl}/portal/usage/csv`);
    assertStringIncludes(await usage.text(), "start_utc,risk_score");
  });
});

browserTest("the price calculator answers as the invoice will", async () => {
  const { baseUrl } = await app();
  await withPage(async (page) => {
    await signIn(await app(), page);
    await page.goto(`${baseUrl}/portal/plan`);
    const field = page.getByLabel(/Risk scores, units/);
    await field.fill("21,000");
    // 1,000 included, 10,000 at 2 cents, 10,000 at 1 cent.
    await page.getByText("$300.00").first().waitFor();
    await field.fill("a few");
    await page.getByText("Whole numbers only").waitFor();
  });
});

browserTest("payment details lead to the payment provider's own pages, and back", async () => {
  const portal = await app();
  const { services } = portal.runtime;
  await portal.tenant("tn_payer", "Payer and Co");
  const provisioned = await provisionTenant(services.billing, {
    tenantId: "tn_payer",
    email: "owner@tn-payer.example",
    startMs: services.clock.nowMs(),
    collection: { kind: "invoice", daysUntilDue: 14 },
  });
  assert(provisioned.ok);
  await withPage(async (page, problems) => {
    await signIn(portal, page, { tenantId: "tn_payer" });
    await page.goto(`${portal.baseUrl}/portal/invoices`);
    await page.getByRole("button", { name: "Payment details" }).click();
    await page.waitForURL((url) => url.origin === services.simulatorUrl);
    await page.goto(`${portal.baseUrl}/portal/invoices`);
    await page.getByRole("heading", { level: 1, name: "Invoices" }).waitFor();
    assertEquals(problems, []);
  });
});
