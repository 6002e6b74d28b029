/** What operators watch and set up: each page and act of it in a real browser, on the whole app. */
import { Buffer } from "node:buffer";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { receiveNotice } from "@/lib/billing/apply_notice.ts";
import { provisionTenant } from "@/lib/billing/provision_tenant.ts";
import { systemClock } from "@/lib/platform/system_clock.ts";
import type { Alert } from "@/lib/ports/watch_store.ts";
import { putInstrument } from "@/lib/rating/instruments.ts";
import { putHistory, putQuote } from "@/lib/rating/prices.ts";
import { browserTest, type Page, strangersPage, withPage } from "../support/browser.ts";
import { type ConsoleApp, startConsole } from "../support/console_app.ts";
import { axeFaults, pageWeight } from "../support/page_checks.ts";

const TENANT = "tn_ops";
const OTHER = "tn_other";
const APPLE = "US0378331005";

let started: Promise<ConsoleApp> | null = null;

/** One app for all tests of this file: building it takes longer than any of them. */
function app(): Promise<ConsoleApp> {
  // The check of the connection compares its clock with that of the simulator's server.
  started ??= startConsole({ clock: systemClock }).then(async (desk) => {
    await desk.tenant(TENANT, "Opsworth Capital");
    await desk.tenant(OTHER, "Other Markets");
    return desk;
  });
  return started;
}

globalThis.addEventListener("unload", () => {
  started?.then((desk) => desk[Symbol.asyncDispose]());
});

/** A browser of an operator; fails on what the page's console or content policy says. */
async function atDesk(use: (page: Page, desk: ConsoleApp) => Promise<void>): Promise<void> {
  const desk = await app();
  await withPage(async (page, problems) => {
    await desk.signIn(page);
    await use(page, desk);
    // A refused form is a page with that status, which browsers note in their console.
    assertEquals(problems.filter((problem) => !problem.includes("status of 422")), []);
  });
}

browserTest(
  "every page of watching and setting up is accessible, quiet and in its width, in both themes",
  async () => {
    const desk = await app();
    await someAlert(desk);
    await someNotice(desk, "evt_pages");
    await somePrices(desk);
    await desk.checkPages([
      "/operator/audit",
      `/operator/audit?chain=${TENANT}&verify=1`,
      "/operator/audit?chain=nobody",
      "/operator/webhooks",
      "/operator/webhooks?state=failed",
      "/operator/webhooks/alerts",
      "/operator/search?q=ops",
      "/operator/settings",
      "/operator/settings/sessions",
      "/operator/settings/passkeys",
      "/operator/lists",
      "/operator/lists/load",
      "/operator/lists/prices",
      `/operator/lists/prices?tenant=${TENANT}`,
      `/operator/lists/prices?tenant=${TENANT}&instrument=${APPLE}`,
    ]);
  },
);

browserTest("the audit log is filtered by chain, action and actor, and verified", async () => {
  await atDesk(async (page, { baseUrl }) => {
    await page.goto(`${baseUrl}/operator/tenants/${TENANT}`);
    await page.getByRole("link", { name: "Audit" }).last().click();
    await page.getByRole("row", { name: /api_key\.created/ }).waitFor();
    await page.getByLabel("Action starts with").fill("member.");
    await page.getByRole("button", { name: "Filter" }).click();
    await page.waitForURL(/action=member/);
    assertEquals(await page.getByRole("row", { name: /api_key\.created/ }).count(), 0);
    assertEquals(await page.getByRole("row", { name: /member\.added/ }).count(), 2);
    await page.getByLabel("Who: id or kind").fill("nobody");
    await page.getByRole("button", { name: "Filter" }).click();
    await page.getByText("No row fits").waitFor();
    await page.getByRole("link", { name: "Verify the hash chain" }).click();
    await page.getByText("The chain is intact: 4 rows").waitFor();
  });
});

browserTest("a webhook that nobody signed is seen; a notice is fetched again by hand", async () => {
  await atDesk(async (page, desk) => {
    const { baseUrl, runtime } = desk;
    await fetch(`${baseUrl}/webhooks/stripe/thin`, {
      method: "POST",
      body: "{}",
      headers: { "stripe-signature": "t=1,v1=00" },
    }).then((reply) => reply.body?.cancel());
    await someNotice(desk, "evt_again");
    await page.goto(`${baseUrl}/operator/webhooks`);
    await page.getByRole("region", { name: "Thin events" }).getByText("stale_signature").waitFor();
    const row = page.getByRole("row", { name: /evt_again/ });
    assertStringIncludes(await row.innerText(), "waiting");
    await row.getByRole("button", { name: /Fetch again/ }).click();
    await page.getByText("The object was fetched again").waitFor();
    assertStringIncludes(await row.innerText(), "No tenant of ours");
    const { items } = await runtime.services.audit.entries({ chain: "operator", limit: 5 });
    assertEquals(items.some(({ action }) => action === "notice.replayed"), true);
    await page.getByRole("link", { name: "ignored" }).click();
    await page.getByRole("row", { name: /evt_again/ }).waitFor();
    await page.getByRole("link", { name: "failed" }).click();
    await page.getByText("None in this state").waitFor();
  });
});

browserTest("what Stripe sends about a tenant leads to the tenant", async () => {
  await atDesk(async (page, { baseUrl, runtime: { services } }) => {
    const made = await provisionTenant(services.billing, {
      tenantId: OTHER,
      email: null,
      collection: { kind: "invoice", daysUntilDue: 30 },
    });
    if (!made.ok) throw new Error(made.error.detail);
    const tenant = (await services.tenants.tenant(OTHER))?.value;
    await receiveNotice(services.billing, {
      eventId: "evt_mine",
      type: "customer.subscription.updated",
      createdAtMs: services.clock.nowMs(),
      kind: "subscription_changed",
      stripeCustomerId: tenant?.stripeCustomerId ?? "",
      stripeSubscriptionId: tenant?.stripeSubscriptionId ?? "",
    }, "snapshot");
    await page.goto(`${baseUrl}/operator/webhooks`);
    await page.getByRole("row", { name: /evt_mine/ }).getByRole("link", { name: "Other Markets" })
      .click();
    await page.waitForURL(`${baseUrl}/operator/tenants/${OTHER}`);
  });
});

browserTest("an alert that no channel took is sent again", async () => {
  await atDesk(async (page, desk) => {
    const { alertId } = await someAlert(desk);
    const { services } = desk.runtime;
    await services.billing.store.putAlertSettings({
      tenantId: TENANT,
      emails: ["ops@tn-ops.example"],
      webhookUrl: null,
      webhookSecret: null,
    }, null);
    await page.goto(`${desk.baseUrl}/operator/webhooks/alerts`);
    const row = page.getByRole("row", { name: new RegExp(alertId) });
    assertStringIncludes(await row.innerText(), "The receiver answered 500");
    await row.getByRole("button", { name: /Send again/ }).click();
    await page.getByText("The alert was sent again").waitFor();
    assertStringIncludes(await row.innerText(), "ops@tn-ops.example");
    assertEquals(desk.mails("ops@tn-ops.example").length, 1);
    const { items } = await services.audit.entries({ chain: TENANT, limit: 1 });
    assertEquals(items[0]?.action, "alert.resent");
  });
});

browserTest(
  "a list is loaded from a file, refused row by row, and replaced as it was seen",
  async () => {
    await atDesk(async (page, desk) => {
      const { baseUrl, runtime: { services } } = desk;
      await somePrices(desk);
      const file = (text: string) => ({
        name: "list.csv",
        mimeType: "text/csv",
        buffer: Buffer.from(text),
      });
      await page.goto(`${baseUrl}/operator/lists`);
      await page.getByRole("link", { name: "Load a list" }).click();
      await page.getByLabel("List id").fill("ofac-sdn");
      await page.getByLabel("Publisher’s date").fill("2026-11-20");
      await page.getByLabel("File").setInputFiles(file("id,name,country\na b,Somebody,DE\n"));
      await page.getByRole("button", { name: "Check and load" }).click();
      await page.getByText("Nothing was stored").waitFor();
      await page.getByText("row 2, id: must be 1 to 100 visible ASCII characters").waitFor();
      assertEquals(await page.getByLabel("List id").inputValue(), "ofac-sdn", "kept as typed");
      assertEquals((await services.lists.lists.lists({ kind: "operator" })).length, 0);
      const good =
        "id,name,aliases\nsdn-1,Dunningham Trading,DT|DT Ltd\nsdn-2,Other,\nsdn-3,Third,\n";
      await page.getByLabel("File").setInputFiles(file(good));
      await page.getByRole("button", { name: "Check and load" }).click();
      await page.getByText("The list is in force").first().waitFor();
      await page.getByText("1 stored instrument of 2 tenants was screened").waitFor();
      await page.goto(`${baseUrl}/operator/lists/prices?tenant=${TENANT}`);
      await page.getByRole("link", { name: APPLE }).click();
      const screening = page.getByRole("region", { name: "Screening" });
      await screening.getByText("sdn-1 by name").waitFor();
      await page.goto(`${baseUrl}/operator/lists`);
      assertStringIncludes(
        await page.getByRole("row", { name: /sanctions/ }).innerText(),
        "by operator",
      );
      await page.getByRole("link", { name: /Replace/ }).click();
      await page.getByLabel("Publisher’s date").fill("2026-11-21");
      await page.getByLabel("Or paste it").fill('[{"id": "sdn-9"}]');
      await page.getByRole("button", { name: "Check and load" }).click();
      await page.getByText("The list in force has 3 entries, this one 1").waitFor();
      assertEquals(await page.getByLabel("Or paste it").inputValue(), '[{"id": "sdn-9"}]');
      await page.getByLabel("It may have fewer than half").check();
      await page.getByRole("button", { name: "Check and load" }).click();
      await page.getByText("The list is in force").first().waitFor();
      await page.getByText("1, in place of 3").waitFor();
    });
  },
);

browserTest("lists load without JavaScript too", async () => {
  await atDesk(async (page, desk) => {
    await withoutScript(page, desk, async (plain) => {
      await plain.goto(`${desk.baseUrl}/operator/lists/load`);
      await plain.getByLabel("List id").fill("plain");
      await plain.getByLabel("Kind").selectOption("watch");
      await plain.getByLabel("Publisher’s date").fill("2026-11-20");
      await plain.getByLabel("Or paste it").fill("id,name\nw-1,Watched");
      await plain.getByRole("button", { name: "Check and load" }).click();
      await plain.getByRole("heading", { name: "Load of plain" }).waitFor();
      await desk.runtime.services.listLoads.settled();
      await plain.reload();
      await plain.getByText("The list is in force").first().waitFor();
    });
  });
});

browserTest("a page that is open follows the screening to its end", async () => {
  await atDesk(async (page, desk) => {
    const { listLoads } = desk.runtime.services;
    const begun = await listLoads.begin({
      loadId: "lld_followed00000",
      listId: "followed",
      kind: "watch",
      asOf: "2026-11-20",
      text: "id\na",
      ifVersion: null,
      mayShrink: false,
      act: { actor: { kind: "operator", id: "ada" }, ip: null, requestId: "req_1" },
    });
    assertEquals(begun.ok && begun.value.state, "screening");
    const path = `${desk.baseUrl}/operator/lists/loads/lld_followed00000`;
    await page.goto(path);
    await page.getByText("0 of 2 tenants, 0 instruments").waitFor();
    assertEquals(await axeFaults(page), []);
    await listLoads.screenNow("lld_followed00000");
    await page.getByText("The list is in force").first().waitFor();
    assertEquals(page.url(), path);
  });
});

browserTest("the connection to Stripe is checked from the settings", async () => {
  await atDesk(async (page, { baseUrl }) => {
    await page.goto(`${baseUrl}/operator/settings`);
    await page.getByText("allowed: to the simulator").waitFor();
    await page.getByRole("button", { name: "Check the Stripe connection" }).click();
    await page.getByText(/All is well|with something to look at/).waitFor();
    const checks = page.getByRole("table", { name: "Checks of the connection" });
    const rights = checks.getByRole("row", { name: /The key may do what is needed/ });
    assertStringIncludes(await rights.innerText(), "All 13 are granted");
    assertEquals(await checks.getByText("fail", { exact: true }).count(), 0);
    assertEquals(await axeFaults(page), []);
  });
});

browserTest("sessions of operators are listed, and one that is ended is signed out", async () => {
  await atDesk(async (page, desk) => {
    await withoutScript(page, desk, async (other) => {
      const path = `${desk.baseUrl}/operator/settings/sessions`;
      await other.context().clearCookies();
      await desk.signIn(other, "eve@example.com");
      await other.goto(path);
      await page.goto(path);
      const row = page.getByRole("row", { name: /eve@example\.com/ });
      await row.getByRole("button", { name: /End/ }).click();
      await page.getByText("The session is ended").waitFor();
      assertEquals(await row.count(), 0);
      await other.reload();
      assertStringIncludes(other.url(), "/operator/sign-in");
    });
  });
});

browserTest(
  "the palette opens by key and button, finds pages and tenants, and gives the focus back",
  async () => {
    await atDesk(async (page, { baseUrl }) => {
      await page.goto(`${baseUrl}/operator/runs`);
      const palette = page.getByRole("dialog", { name: "Search pages, acts and tenants" });
      const field = page.getByRole("combobox", { name: "Search pages, acts and tenants" });
      await page.getByText("Ctrl K").waitFor();
      const before = page.getByRole("link", { name: "Anomalies" });
      await before.focus();
      await page.keyboard.press("Control+k");
      await palette.waitFor();
      assertEquals(await field.evaluate((one) => one === document.activeElement), true);
      assertEquals(await axeFaults(page), []);
      await field.fill("ver aud");
      const first = page.getByRole("option").first();
      assertEquals(await first.getAttribute("aria-selected"), "true");
      assertEquals(
        await first.getAttribute("id"),
        await field.getAttribute("aria-activedescendant"),
      );
      await page.getByRole("option", { name: /Verify the audit chain/ }).waitFor();
      await page.keyboard.press("Escape");
      await palette.waitFor({ state: "hidden" });
      assertEquals(await before.evaluate((one) => one === document.activeElement), true);

      await page.getByRole("heading", { level: 1 }).click();

      assertEquals(await palette.isVisible(), false, "only its own button opens it");

      await page.getByRole("link", { name: /^Search/ }).first().click();
      await palette.waitFor();
      await field.fill("opsworth");
      await page.getByRole("option", { name: /Opsworth Capital/ }).waitFor();
      await page.keyboard.press("Enter");
      await page.waitForURL(`${baseUrl}/operator/tenants/${TENANT}`);

      await page.getByText("Ctrl K").waitFor();
      await page.keyboard.press("Control+k");
      await field.fill("a");
      // Tenants come behind the pages; from here on the list stays as long as it is.
      await page.getByRole("option", { name: /Opsworth Capital/ }).waitFor();
      await page.keyboard.press("ArrowUp");
      const options = await page.getByRole("option").count();
      assertEquals(
        await field.getAttribute("aria-activedescendant"),
        `palette-option-${options - 1}`,
        "from the first on to the last",
      );
      await page.keyboard.press("ArrowDown");
      await page.locator('[aria-activedescendant="palette-option-0"]').waitFor();
      await field.fill("zzzz");
      await page.getByText("Nothing by that name").waitFor();
      assertEquals(await axeFaults(page), []);
      await page.keyboard.press("Control+k");
      await palette.waitFor({ state: "hidden" });
    });
  },
);

browserTest("without JavaScript the button leads to a page that searches", async () => {
  await atDesk(async (page, desk) => {
    await withoutScript(page, desk, async (plain) => {
      await plain.goto(`${desk.baseUrl}/operator`);
      await plain.getByRole("link", { name: /^Search/ }).first().click();
      await plain.getByLabel("Search for").fill("opsworth");
      await plain.getByRole("button", { name: "Search" }).click();
      await plain.getByRole("link", { name: "Opsworth Capital" }).click();
      await plain.waitForURL(`${desk.baseUrl}/operator/tenants/${TENANT}`);
    });
  });
});

browserTest(
  "no page of watching and setting up ships over 40 kB of script or of itself",
  async () => {
    await atDesk(async (page, { baseUrl }) => {
      for (const path of ["/audit", "/webhooks", "/lists", "/settings", "/settings/passkeys"]) {
        const { html, scripts } = await pageWeight(page, `${baseUrl}/operator${path}`);
        assert(scripts > 0 && scripts <= 40_000, `${path} loads ${scripts} bytes of script`);
        assert(html <= 40_000, `${path} is ${html} bytes, compressed`);
      }
    });
  },
);

/** One of a customer that is nobody's, waiting. */
async function someNotice({ runtime }: ConsoleApp, eventId: string): Promise<void> {
  const { billing, clock } = runtime.services;
  await receiveNotice(billing, {
    eventId,
    type: "invoice.paid",
    createdAtMs: clock.nowMs(),
    kind: "invoice_changed",
    change: "paid",
    stripeCustomerId: "cus_of_nobody",
    invoiceId: "in_1",
    stripeSubscriptionId: null,
  }, "snapshot");
}

/** An instrument whose issuer is on no list yet, with prices. */
async function somePrices({ runtime }: ConsoleApp): Promise<void> {
  const { market, clock } = runtime.services;
  const subject = { tenantId: TENANT, instrumentId: APPLE };
  const terms = { isin: APPLE, cfi_code: "ESVUFR", issuer: { name: "Dunningham Trading" } };
  await putInstrument({ ...subject, body: terms }, market);
  const timestamp = new Date(clock.nowMs()).toISOString();
  await putQuote({ ...subject, body: { bid: "9.9", ask: "10.1", timestamp } }, market);
  const closes = [{ date: "2026-11-19", close: "9.5" }, { date: "2026-11-20", close: "10.25" }];
  await putHistory({ ...subject, body: { closes } }, market);
}

/** The same operator, in a browser that runs no script. */
async function withoutScript(
  page: Page,
  { signIn }: ConsoleApp,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const plain = await strangersPage(page, { javaScriptEnabled: false });
  await signIn(plain);
  await use(plain);
  await plain.context().close();
}

/** One that failed for good. */
async function someAlert({ runtime }: ConsoleApp): Promise<Alert> {
  const { billing, clock, ids } = runtime.services;
  const alert: Alert = {
    alertId: ids.next("alr"),
    tenantId: TENANT,
    periodId: "2026-05-01",
    subject: { kind: "quota", meter: "risk_score" },
    percent: 90,
    used: 225_000n,
    limit: 250_000n,
    createdAtMs: clock.nowMs(),
    delivery: { state: "waiting", attempts: 0, detail: null, channels: [], triedAtMs: null },
  };
  const state = { tenantId: TENANT, periodId: alert.alertId, subject: alert.subject };
  await billing.store.putAlertState({ ...state, firedPercent: 90 }, null, alert);
  const delivery: Alert["delivery"] = {
    state: "failed",
    attempts: 120,
    detail: "webhook: The receiver answered 500",
    channels: [],
    triedAtMs: clock.nowMs(),
  };
  await billing.store.settleAlert({ ...alert, delivery });
  return alert;
}
