/** How people get into the tenant portal, in a real browser. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { browserTest, strangersPage, withPage } from "../support/browser.ts";
import { onePortal, TENANT } from "../support/portal_app.ts";

const app = onePortal();

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
    await page.locator("main").getByText("used already").waitFor();
    // The stream of the overview may ask once more while one signs out.
    const meant = /422|EventSource's response/;
    assertEquals(problems.filter((problem) => !meant.test(problem)), []);
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
    const elsewhere = await strangersPage(page);
    await elsewhere.goto(`${baseUrl}/portal/sign-in`);
    await elsewhere.getByLabel("Work e-mail").fill("nobody@tn-north.example");
    await elsewhere.getByRole("button", { name: "Send the link" }).click();
    await elsewhere.getByText("If nobody@tn-north.example belongs to a member").waitFor();
  });
});

browserTest("who is not signed in is sent to sign in, and back to where they wanted", async () => {
  const { baseUrl } = await app();
  await withPage(async (page) => {
    await page.goto(`${baseUrl}/portal/usage?granularity=day`);
    assertStringIncludes(page.url(), "/portal/sign-in?");
    const next = await page.locator('input[name="next"]').getAttribute("value");
    assertEquals(next, "/portal/usage?granularity=day");
    await page.getByLabel("Work e-mail").fill("owner@tn-north.example");
    await page.getByRole("button", { name: "Send the link" }).click();
    await page.getByRole("link", { name: "Open the link here" }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL(`${baseUrl}/portal/usage?granularity=day`);
  });
});

browserTest("a link works in the browser that asked for it, and nowhere else", async () => {
  const { baseUrl, mails } = await app();
  await withPage(async (page) => {
    await page.goto(`${baseUrl}/portal/sign-in`);
    await page.getByLabel("Work e-mail").fill("viewer@tn-north.example");
    await page.getByRole("button", { name: "Send the link" }).click();
    await page.getByRole("heading", { name: "Look in your mail" }).waitFor();
    const [mail] = mails("viewer@tn-north.example");
    const link = /https?:\/\/\S+\/sign-in\/confirm\?\S+/.exec(mail?.text ?? "")?.[0] ?? "";
    const elsewhere = await strangersPage(page);
    for (const address of [link, `${baseUrl}/portal/sign-in/confirm?code=made_up`]) {
      await elsewhere.goto(address);
      await elsewhere.getByRole("button", { name: "Continue" }).click();
      await elsewhere.getByRole("link", { name: "Ask for a new link" }).waitFor();
      assertStringIncludes(elsewhere.url(), "/portal/sign-in/confirm");
    }
    await page.goto(link);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL(`${baseUrl}/portal`);
  });
});

Deno.test({
  name: "a stream changes no browser's secret, which the forms of its pages are made out to",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const { baseUrl } = await app();
    const brought = async (accept: string, path: string) => {
      const reply = await fetch(`${baseUrl}${path}`, { headers: { accept }, redirect: "manual" });
      await reply.body?.cancel();
      return reply.headers.getSetCookie().map((cookie) => cookie.split("=")[0]);
    };
    assertEquals(await brought("text/event-stream", "/portal/live"), []);
    assertEquals((await brought("text/html", "/portal/sign-in")).length, 1);
  },
});
