/** The tenant portal in a real browser, on the whole app. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { browserTest, type Page, strangersPage, withPage } from "../support/browser.ts";
import { HOSTILE_NAMES } from "../support/hostile_names.ts";
import { axeFaults, checkPages, overflow } from "../support/page_checks.ts";
import { type PortalApp, startPortal } from "../support/portal_app.ts";
import { useUnits } from "../support/whole_app.ts";

const TENANT = "tn_north";
const OTHER = "tn_other";

const PAGES = [
  "/portal",
  "/portal/usage",
  "/portal/requests",
  "/portal/start",
  "/portal/keys",
  "/portal/plan",
  "/portal/plan/preview?to=scale@1",
  "/portal/invoices",
  "/portal/alerts",
  "/portal/members",
  "/portal/audit",
  "/portal/settings",
];

let started: Promise<PortalApp> | null = null;

/** One app for all tests of this file: building it takes longer than any of them. */
function app(): Promise<PortalApp> {
  started ??= startPortal().then(async (portal) => {
    await portal.tenant(TENANT, "Northwind Capital");
    await portal.tenant(OTHER, "Other Markets");
    await useUnits(portal.runtime, { tenantId: TENANT, meter: "risk_score", units: 1_250n });
    return portal;
  });
  return started;
}

globalThis.addEventListener("unload", () => {
  started?.then((portal) => portal[Symbol.asyncDispose]());
});

browserTest("a member signs in with a link, and the link works once", async () => {
  const { baseUrl, link } = await app();
  await withPage(async (page, problems) => {
    const address = await link(TENANT);
    await page.goto(address);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL(`${baseUrl}/portal`);
    assertEquals(await page.getByRole("heading", { level: 1 }).textContent(), "Overview");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL(/sign-in/);
    await page.goto(address);
    await page.getByRole("button", { name: "Continue" }).click();
    assertStringIncludes(await page.locator("main").innerText(), "used already");
    assertEquals(problems.filter((problem) => !problem.includes("422")), []);
  });
});

browserTest("in the sandbox the page shows the link that no mail carries", async () => {
  const { baseUrl } = await app();
  await withPage(async (page) => {
    await page.goto(`${baseUrl}/portal/sign-in`);
    await page.getByLabel("Work e-mail").fill("owner@tn-north.example");
    await page.getByRole("button", { name: "Send the link" }).click();
    await page.getByRole("link", { name: "Open the link here" }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL(`${baseUrl}/portal`);
    await page.context().clearCookies();
    await page.goto(`${baseUrl}/portal/sign-in`);
    await page.getByLabel("Work e-mail").fill("nobody@tn-north.example");
    await page.getByRole("button", { name: "Send the link" }).click();
    await page.getByText("If nobody@tn-north.example belongs to a member").waitFor();
  });
});

browserTest("who is not signed in is sent to sign in, and back to where they wanted", async () => {
  const { baseUrl } = await app();
  await withPage(async (page) => {
    await page.goto(`${baseUrl}/portal/usage?granularity=day`);
    assertStringIncludes(page.url(), "/portal/sign-in?");
    const next = await page.locator('input[name="next"]').getAttribute("value");
    assertEquals(next, "/portal/usage?granularity=day");
  });
});

browserTest(
  "every page has no accessibility fault and no console error, light and dark, wide and narrow",
  async () => {
    const { baseUrl } = await app();
    await withPage(async (page, problems) => {
      await signIn(page);
      const paths = [...PAGES, "/", "/docs/problems", await statementPath(page)];
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
      await signIn(page);
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

browserTest(
  "a key is made, shown once, rotated with grace and revoked after typing the word",
  async () => {
    const { baseUrl } = await app();
    await withPage(async (page, problems) => {
      await signIn(page);
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

browserTest(
  "two admins who edit one thing: the later is told, and nothing is overwritten",
  async () => {
    const { baseUrl } = await app();
    await withPage(async (page) => {
      await signIn(page);
      await page.goto(`${baseUrl}/portal/settings`);
      const other = await strangersPage(page);
      await signIn(other);
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
    await signIn(page);
    await page.goto(`${baseUrl}/portal/alerts`);
    await page.getByLabel(/Amount/).fill("777");
    await page.context().clearCookies({ name: "sid" });
    await page.getByRole("button", { name: "Save budget" }).click();
    await page.getByText("Your session has ended").first().waitFor();
    const draft = await page.locator('input[name="amount"]').getAttribute("value");
    assertEquals(draft, "777");
  });
});

browserTest("a viewer sees and can't act, by button or by hand", async () => {
  const { baseUrl } = await app();
  await withPage(async (page) => {
    await signIn(page, { role: "viewer" });
    await page.goto(`${baseUrl}/portal/keys`);
    assertEquals(await page.getByRole("button", { name: "Create key" }).count(), 0);
    const token = await page.locator('input[name="csrf_token"]').first().getAttribute("value");
    const reply = await page.request.post(`${baseUrl}/portal/keys`, {
      headers: { origin: baseUrl },
      form: { csrf_token: token ?? "", name: "x", scopes: "usage:read" },
    });
    assertEquals(reply.status(), 403);
  });
});

browserTest("another tenant's things are as absent as things that never were", async () => {
  const { baseUrl, runtime } = await app();
  const foreign = (await runtime.services.tenants.apiKeys(OTHER))[0]?.keyId ?? "";
  await withPage(async (page) => {
    await signIn(page);
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
    await signIn(page);
    const reply = await page.request.post(`${baseUrl}/portal/alerts/budget`, {
      headers: { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
      form: { amount: "1" },
    });
    assertEquals(reply.status(), 403);
  });
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
    await signIn(page);
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

browserTest("the overview follows usage while one looks, as it happens", async () => {
  const { baseUrl, runtime } = await app();
  await withPage(async (page) => {
    await signIn(page);
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
      await signIn(page);
      const live = page.locator(".live-chart");
      await live.getByText("Live,").waitFor();
      await live.getByText("reconnecting").waitFor();
      assertEquals(await live.getByText("Live,").count(), 0);
    });
  },
);

browserTest(
  "an invited person joins from the mail's link, once, and is seen by the owner",
  async () => {
    const { baseUrl, mails } = await app();
    await withPage(async (page) => {
      await signIn(page);
      await page.goto(`${baseUrl}/portal/members`);
      await page.getByLabel("E-mail").fill("grace@north.example");
      await page.getByRole("button", { name: "Invite" }).click();
      await page.getByText("The invitation is on its way.").waitFor();
      const [mail] = mails("grace@north.example");
      const link = /https?:\/\/\S+\/portal\/join\?\S+/.exec(mail?.text ?? "")?.[0] ?? "";
      const guest = await strangersPage(page);
      await guest.goto(link);
      await guest.getByLabel("Your name").fill("Grace");
      await guest.getByRole("button", { name: "Join" }).click();
      await guest.waitForURL(`${baseUrl}/portal`);
      await page.reload();
      await page.getByRole("row", { name: /Grace.*Viewer/ }).waitFor();
      await guest.goto(link);
      await guest.getByLabel("Your name").fill("Grace");
      await guest.getByRole("button", { name: "Join" }).click();
      await guest.getByText("used, revoked or is too old").waitFor();
    });
  },
);

browserTest("a plan changes after its preview, and a stale preview changes nothing", async () => {
  const { baseUrl, runtime } = await app();
  await withPage(async (page) => {
    await signIn(page, { tenantId: OTHER });
    await page.goto(`${baseUrl}/portal/plan/preview?to=scale@1`);
    const other = await strangersPage(page);
    await signIn(other, { tenantId: OTHER });
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
    await signIn(page);
    const statement = baseUrl + await statementPath(page);
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

browserTest("the price calculator answers as the invoice will", async () => {
  const { baseUrl } = await app();
  await withPage(async (page) => {
    await signIn(page);
    await page.goto(`${baseUrl}/portal/plan`);
    const field = page.getByLabel(/Risk score, units/);
    await field.fill("21,000");
    // 1,000 included, 10,000 at 2 cents, 10,000 at 1 cent.
    await page.getByText("$300.00").first().waitFor();
    await field.fill("a few");
    await page.getByText("Whole numbers only").waitFor();
  });
});

async function signIn(
  page: Page,
  { tenantId = TENANT, role = "owner" }: { tenantId?: string; role?: "owner" | "viewer" } = {},
): Promise<void> {
  const { baseUrl, link } = await app();
  await page.goto(await link(tenantId, role));
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL(`${baseUrl}/portal`);
}

async function statementPath(page: Page): Promise<string> {
  const { baseUrl } = await app();
  await page.goto(`${baseUrl}/portal/invoices`);
  const link = page.getByRole("table").first().getByRole("link").first();
  return await link.getAttribute("href") ?? "/portal/invoices";
}

async function gzipSize(bytes: Uint8Array): Promise<number> {
  const stream = new Blob([new Uint8Array(bytes)]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).bytes()).length;
}
