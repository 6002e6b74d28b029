/** What every page of the tenant portal is, in a real browser. */
import { assert, assertEquals } from "@std/assert";
import { browserTest, withPage } from "../support/browser.ts";
import { renderToString } from "preact-render-to-string";
import { ChooseTenantPage } from "@/components/portal/ChooseTenantPage.tsx";
import { HtmlPage } from "@/components/ui/HtmlPage.tsx";
import { PLAIN_VIEWER } from "@/components/ui/viewer.ts";
import { HOSTILE_NAMES } from "../support/hostile_names.ts";
import { axeFaults, checkPage, checkPages, pageWeight } from "../support/page_checks.ts";
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

/** Pages with something that follows a stream, a pointer, typing or the clipboard. */
const ISLANDS = new Set<string>([
  "/portal",
  "/portal/usage",
  "/portal/usage?show=calls_by_status",
  "/portal/start",
  "/portal/plan",
]);

browserTest(
  "pages without islands ship no script, and no page more than 40 kB of it or of itself",
  async () => {
    const { baseUrl } = await app();
    await withPage(async (page) => {
      await signIn(await app(), page);
      for (const path of PAGES) {
        const { scripts, html, hasScript } = await pageWeight(page, baseUrl + path);
        assertEquals(hasScript, ISLANDS.has(path), path);
        assertEquals(scripts > 0, ISLANDS.has(path), path);
        assert(scripts <= 40_000, `${path} loads ${scripts} bytes of compressed script`);
        assert(html <= 40_000, `${path} is ${html} bytes, compressed`);
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
    await page.locator('html[data-theme="dark"]').waitFor();
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
    await page.getByRole("dialog").waitFor();
  }, { javaScriptEnabled: false });
});

/** What browsers say of answers that are meant to be refusals. */
const REFUSED = /the server responded with a status of 4\d\d/;

browserTest(
  "pages for who is not signed in, refusals and kept drafts are as accessible",
  async () => {
    const portal = await app();
    const { baseUrl, link } = portal;
    await withPage(async (page, problems) => {
      const visit = async (name: string, path: string) => {
        await page.goto(baseUrl + path);
        await checkPage(page, name);
      };
      await visit("sign-in", "/portal/sign-in?reason=expired");
      await page.getByLabel("Work e-mail").fill("owner@tn-north.example");
      await page.getByRole("button", { name: "Send the link" }).click();
      await page.getByRole("heading", { name: "Look in your mail" }).waitFor();
      await checkPage(page, "the link is sent");
      await visit("confirm by hand", "/portal/sign-in/confirm");
      await visit("confirm", await link(TENANT).then((href) => href.slice(baseUrl.length)));
      await visit("confirm with a wrong code", "/portal/sign-in/confirm?code=wrong");
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByRole("link", { name: "Ask for a new link" }).waitFor();
      await checkPage(page, "a link that does not work");
      await visit("join", "/portal/join?tenant=tn_north&invitation=inv_1&code=wrong");
      await page.getByLabel("Your name").fill("Grace");
      await page.getByRole("button", { name: "Join" }).click();
      await page.getByText("used, revoked or is too old").waitFor();
      await checkPage(page, "an invitation that does not work");
      await visit("nothing here", "/portal/nothing");

      await signIn(portal, page, { role: "viewer" });
      await visit("a viewer's members", "/portal/members");
      await signIn(portal, page);
      await visit("nothing here, signed in", "/portal/invoices/2020-01-01");
      await page.goto(`${baseUrl}/portal/settings`);
      await page.context().clearCookies({ name: "sid" });
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("heading", { name: "Your session has ended" }).waitFor();
      await checkPage(page, "resume");
      assertEquals(problems.filter((problem) => !REFUSED.test(problem)), []);
    });
  },
);

browserTest("answers to forms and lines of a statement are as accessible", async () => {
  const portal = await app();
  const { baseUrl } = portal;
  await withPage(async (page, problems) => {
    await signIn(portal, page);
    await page.goto(`${baseUrl}/portal/keys`);
    await page.getByLabel("Allowed addresses").fill("nowhere");
    await page.getByLabel("Name").fill("Axe");
    await page.getByRole("button", { name: "Create key" }).click();
    await page.getByText("The key was not made").waitFor();
    await checkPage(page, "a refused key");
    await page.getByLabel("Allowed addresses").fill("");
    await page.getByRole("button", { name: "Create key" }).click();
    await page.getByText("Copy it now").waitFor();
    await checkPage(page, "a new key");
    await page.goto(baseUrl + await statementPath(portal, page));
    const line = page.getByRole("link", { name: /Risk scores/ }).first();
    await line.click();
    await page.getByText("The books balance.").first().waitFor();
    const now = portal.runtime.services.clock.nowMs();
    await page.goto(`${page.url()}?day=${now}&hour=${now}`);
    await page.getByText("Windows of the hour").waitFor();
    await checkPage(page, "an hour of a line");
    assertEquals(problems.filter((problem) => !REFUSED.test(problem)), []);
  });
});

browserTest("the choice of a tenant is as accessible, whatever tenants are called", async () => {
  const { baseUrl } = await app();
  await withPage(async (page, problems) => {
    await page.goto(`${baseUrl}/portal/sign-in`);
    const address = `${baseUrl}/portal/sign-in/oidc/choice`;
    const choices = HOSTILE_NAMES.map((name, at) => ({ tenantId: `tn_${at}`, name }));
    const body = renderToString(
      <HtmlPage title="Choose a tenant" lang="en" theme="system" asset={(path) => path}>
        <ChooseTenantPage
          viewer={PLAIN_VIEWER}
          theme="system"
          choices={choices}
          choiceSecret="secret"
        />
      </HtmlPage>,
    );
    // The real page comes from a provider's answer; this is it, styled by the real sheets.
    await page.route(address, (route) => route.fulfill({ contentType: "text/html", body }));
    await page.goto(address);
    await checkPage(page, "choose a tenant");
    assertEquals(await page.getByRole("button").filter({ hasText: "W".repeat(200) }).count(), 1);
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
