/** Members, sessions and roles of the tenant portal, in a real browser. */
import { assertEquals } from "@std/assert";
import { browserTest, strangersPage, withPage } from "../support/browser.ts";
import { onePortal, signIn } from "../support/portal_app.ts";

const app = onePortal();

browserTest("a viewer sees and can't act, by button or by hand", async () => {
  const { baseUrl } = await app();
  await withPage(async (page) => {
    await signIn(await app(), page, { role: "viewer" });
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

browserTest(
  "an invited person joins from the mail's link, once, and is seen by the owner",
  async () => {
    const { baseUrl, mails } = await app();
    await withPage(async (page) => {
      await signIn(await app(), page);
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
