/** Members, sessions and roles of the tenant portal, in a real browser. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { browserTest, strangersPage, withPage } from "../support/browser.ts";
import { onePortal, OTHER, signIn } from "../support/portal_app.ts";

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

browserTest("an owner revokes an invitation, changes a role and removes a member", async () => {
  const portal = await app();
  await portal.tenant("tn_people", "People and Co");
  await withPage(async (page, problems) => {
    const theirs = await strangersPage(page);
    await signIn(portal, theirs, { tenantId: "tn_people", role: "viewer" });
    await signIn(portal, page, { tenantId: "tn_people" });
    await page.goto(`${portal.baseUrl}/portal/members`);
    await page.getByLabel("E-mail").fill("soon@mail.example");
    await page.getByRole("button", { name: "Invite", exact: true }).click();
    await page.getByText("The invitation is on its way.").waitFor();
    await page.getByLabel("E-mail").fill("SOON@mail.example");
    await page.getByRole("button", { name: "Invite", exact: true }).click();
    await page.getByText("This address is invited already").waitFor();
    assertEquals(await page.getByLabel("E-mail").inputValue(), "SOON@mail.example");
    await page.getByRole("button", { name: "Revoke soon@mail.example" }).click();
    await page.getByText("The invitation no longer works.").waitFor();
    const [mail] = portal.mails("soon@mail.example");
    await theirs.goto(/https?:\/\/\S+\/portal\/join\?\S+/.exec(mail?.text ?? "")?.[0] ?? "");
    await theirs.getByLabel("Your name").fill("Late");
    await theirs.getByRole("button", { name: "Join" }).click();
    await theirs.getByText("used, revoked or is too old").waitFor();

    const row = page.getByRole("row", { name: /Sample viewer/ });
    await row.getByRole("button", { name: /Change/ }).click();
    await row.getByLabel("Role").selectOption("admin");
    await row.getByRole("button", { name: "Save role" }).click();
    await page.getByText("The role is changed.").waitFor();
    await theirs.goto(`${portal.baseUrl}/portal/keys`);
    assertStringIncludes(theirs.url(), "/portal/sign-in");

    await row.getByRole("button", { name: /Change/ }).click();
    await row.getByLabel(/Type/).fill("remove");
    await row.getByRole("button", { name: "Remove this member" }).click();
    await page.getByText("The member is removed").waitFor();
    assertEquals(await page.getByRole("row", { name: /Sample viewer/ }).count(), 0);
    assertEquals(problems.filter((problem) => !problem.includes("422")), []);
  });
});

browserTest("a member ends one or all other sessions of their own, at once", async () => {
  const portal = await app();
  await withPage(async (page) => {
    const other = await strangersPage(page);
    await signIn(portal, other, { tenantId: OTHER });
    await signIn(portal, page, { tenantId: OTHER });
    await page.goto(`${portal.baseUrl}/portal/members`);
    await page.getByRole("button", { name: "End", exact: true }).click();
    await page.getByText("The session is ended.").waitFor();
    await other.goto(`${portal.baseUrl}/portal/keys`);
    assertStringIncludes(other.url(), "/portal/sign-in");
    for (const again of [other, await strangersPage(page)]) {
      await signIn(portal, again, { tenantId: OTHER });
    }
    await page.reload();
    await page.getByRole("button", { name: "End your other sessions" }).click();
    await page.getByText("Your other sessions are ended.").waitFor();
    assertEquals(await page.getByRole("button", { name: "End your other sessions" }).count(), 0);
    await other.goto(`${portal.baseUrl}/portal/keys`);
    assertStringIncludes(other.url(), "/portal/sign-in");
    await page.goto(`${portal.baseUrl}/portal/keys`);
    assertEquals(new URL(page.url()).pathname, "/portal/keys");
  });
});

browserTest("an admin keeps keys and plan, but not members' roles", async () => {
  const portal = await app();
  await portal.tenant("tn_admins", "Admins and Co");
  const { members } = portal.runtime.services;
  const viewer = (await members.members("tn_admins")).find(({ role }) => role === "viewer");
  const stored = await members.member("tn_admins", viewer?.memberId ?? "");
  assert(stored !== null);
  await members.putMember({ ...stored.value, role: "admin" }, stored.versionstamp);
  await withPage(async (page) => {
    await signIn(portal, page, { tenantId: "tn_admins", role: "admin" });
    await page.goto(`${portal.baseUrl}/portal/keys`);
    await page.getByRole("button", { name: "Create key" }).waitFor();
    await page.goto(`${portal.baseUrl}/portal/members`);
    assertEquals(await page.getByRole("button", { name: /Change/ }).count(), 0);
    const token = await page.locator('input[name="csrf_token"]').first().getAttribute("value");
    const reply = await page.request.post(
      `${portal.baseUrl}/portal/members/${stored.value.memberId}`,
      {
        headers: { origin: portal.baseUrl },
        form: { csrf_token: token ?? "", role: "owner", was: "admin" },
      },
    );
    assertEquals(reply.status(), 403);
  });
});
