/** An operator looks through a member's eyes: begun with a reason, seen, limited, and ended. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { STEP_UP_MS } from "@/lib/auth/step_up.ts";
import { provisionTenant } from "@/lib/billing/provision_tenant.ts";
import { verifyAuditChain } from "@/lib/tenancy/verify_audit.ts";
import { browserTest, type Page, withPage } from "../support/browser.ts";
import { type ConsoleApp, startConsole } from "../support/console_app.ts";
import { midMonthClock } from "../support/mid_month_clock.ts";
import { axeFaults } from "../support/page_checks.ts";

const TENANT = "tn_seen";
const OWNER = "owner@tn-seen.example";

let aheadMs = 0;
const clock = { nowMs: () => midMonthClock.nowMs() + aheadMs };
let started: Promise<ConsoleApp> | null = null;

function app(): Promise<ConsoleApp> {
  return started ??= startConsole({ clock }).then(async (desk) => {
    await desk.tenant(TENANT, "Seen Markets");
    return desk;
  });
}

globalThis.addEventListener("unload", () => {
  started?.then((desk) => desk[Symbol.asyncDispose]());
});

async function viewAs(page: Page, reason: string): Promise<void> {
  const { baseUrl } = await app();
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto(`${baseUrl}/operator/tenants/${TENANT}/members`);
  const row = page.getByRole("row", { name: new RegExp(OWNER) });
  await row.getByRole("button", { name: /View as/ }).click();
  const dialog = page.getByRole("dialog", { name: `View as ${OWNER}` });
  await dialog.getByLabel("Why").fill(reason);
  await dialog.getByRole("button", { name: "Look through their eyes" }).click();
  await page.waitForURL(`${baseUrl}/portal`);
}

async function rows(): Promise<readonly (readonly [string, string, string | undefined])[]> {
  const { runtime: { services } } = await app();
  const { items } = await services.audit.entries({ chain: TENANT, limit: 50 });
  return items.filter(({ actor }) => actor.kind !== "system")
    .map(({ action, actor }) => [action, actor.id, actor.impersonatedBy] as const).reverse();
}

browserTest(
  "it begins with a reason, shows on every page, names the operator in each row, ends by its button",
  async () => {
    const { baseUrl, signIn, runtime: { services } } = await app();
    await withPage(async (page, problems) => {
      await signIn(page, "ada@example.com");
      await viewAs(page, "Ticket 4711: quota looks wrong");
      const banner = page.getByText("You look through this tenant's eyes as ada@example.com");
      for (const path of ["/portal", "/portal/usage", "/portal/keys", "/portal/audit"]) {
        await page.goto(baseUrl + path);
        await banner.waitFor();
        assertEquals(await axeFaults(page), [], path);
      }
      const log = page.getByRole("row", { name: /Operator looked in/ });
      assertStringIncludes(await log.innerText(), "Ticket 4711: quota looks wrong");

      await page.goto(`${baseUrl}/portal/members`);
      await page.getByText("Operator ada@example.com, looking through your eyes").waitFor();

      // What a member may do without a fresh proof is done, and names who did it.
      await page.goto(`${baseUrl}/portal/alerts`);
      await page.getByLabel("E-mail to").fill("ops@tn-seen.example");
      await page.getByRole("button", { name: "Save alerts" }).click();
      await page.waitForURL(`${baseUrl}/portal/alerts`);

      await page.getByRole("button", { name: "End", exact: true }).click();
      await page.waitForURL(`${baseUrl}/operator/tenants/${TENANT}/members`);
      await page.getByText("You are yourself again").waitFor();
      await page.goto(`${baseUrl}/portal`);
      assertStringIncludes(page.url(), "/portal/sign-in");
      assertEquals(problems, []);
    });
    const member = (await services.members.members(TENANT)).find(({ email }) => email === OWNER);
    const told = await rows();
    assertEquals(told[0], ["member.impersonated", "ada@example.com", undefined]);
    assertEquals(told.at(-1), ["member.impersonation_ended", "ada@example.com", undefined]);
    const between = told.slice(1, -1);
    assertEquals(between.length > 0, true);
    for (const row of between) assertEquals(row.slice(1), [member?.memberId, "ada@example.com"]);
    assertEquals((await verifyAuditChain(services.audit, TENANT)).intact, true);
  },
);

browserTest("nothing that needs a fresh proof can be done through a member's eyes", async () => {
  const { baseUrl, signIn, runtime: { services } } = await app();
  await withPage(async (page) => {
    await signIn(page);
    await viewAs(page, "Ticket 2");
    await page.goto(`${baseUrl}/portal/members`);
    await page.getByLabel("E-mail", { exact: false }).first().fill("new@tn-seen.example");
    await page.getByRole("button", { name: /Invite|Send/ }).first().click();
    await page.getByText("Not allowed").waitFor();
    assertEquals(await services.members.invitations(TENANT), []);
    const keys = (await services.tenants.apiKeys(TENANT)).length;
    await page.goto(`${baseUrl}/portal/keys`);
    await page.getByLabel("Name").first().fill("Outlives the visit");
    await page.getByRole("button", { name: "Create key" }).click();
    await page.getByText("Not allowed").waitFor();
    assertEquals((await services.tenants.apiKeys(TENANT)).length, keys);
  });
});

browserTest(
  "who looks through a member's eyes does not get into the payment provider",
  async () => {
    const { baseUrl, signIn, runtime: { services } } = await app();
    const provisioned = await provisionTenant(services.billing, {
      tenantId: TENANT,
      email: OWNER,
      startMs: services.clock.nowMs(),
      collection: { kind: "invoice", daysUntilDue: 14 },
    });
    assertEquals(provisioned.ok, true);
    await withPage(async (page) => {
      await signIn(page);
      await viewAs(page, "Ticket 5");
      await page.goto(`${baseUrl}/portal/invoices`);
      await page.locator('form[action="/portal/invoices/billing-portal"]').getByRole("button")
        .click();
      await page.getByText("Not allowed").waitFor();
    });
  },
);

browserTest("it ends when its operator signs out", async () => {
  const { baseUrl, signIn } = await app();
  await withPage(async (page) => {
    await signIn(page);
    await viewAs(page, "Ticket 6");
    await page.goto(`${baseUrl}/operator`);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(/operator\/sign-in/);
    await page.goto(`${baseUrl}/portal/keys`);
    assertStringIncludes(page.url(), "/portal/sign-in");
  });
});

browserTest("without a reason or a fresh proof it does not begin", async () => {
  const { baseUrl, signIn } = await app();
  await withPage(async (page) => {
    await signIn(page);
    const path = `${baseUrl}/operator/tenants/${TENANT}/members`;
    await page.goto(path);
    await page.getByRole("button", { name: /View as/ }).first().click();
    await page.getByLabel("Why").first().fill(" ");
    await page.getByRole("button", { name: "Look through their eyes" }).first().click();
    await page.getByText("Nothing was done: say why").waitFor();
    aheadMs += STEP_UP_MS;
    await page.reload();
    await page.getByRole("link", { name: /View as/ }).first().click();
    await page.getByText("This needs a fresh proof").waitFor();
  });
});

browserTest(
  "it ends by itself: after a quarter of an hour idle, and after an hour at most",
  async () => {
    const { baseUrl, signIn } = await app();
    await withPage(async (page) => {
      await signIn(page);
      await viewAs(page, "Ticket 3");
      aheadMs += 14 * 60_000;
      await page.goto(`${baseUrl}/portal/usage`);
      await page.getByText("You look through this tenant's eyes").waitFor();
      aheadMs += 15 * 60_000;
      await page.goto(`${baseUrl}/portal/usage`);
      assertStringIncludes(page.url(), "/portal/sign-in");
    });
    await withPage(async (page) => {
      await signIn(page);
      await viewAs(page, "Ticket 4");
      for (let quarter = 0; quarter < 4; quarter++) {
        await page.goto(`${baseUrl}/portal`);
        await page.getByText("You look through this tenant's eyes").waitFor();
        aheadMs += 14 * 60_000;
      }
      aheadMs += 4 * 60_000;
      await page.goto(`${baseUrl}/portal`);
      assertStringIncludes(page.url(), "/portal/sign-in");
    });
  },
);
