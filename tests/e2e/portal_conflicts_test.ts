/** Two admins at once, and ids of other tenants, in a real browser. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { browserTest, type Page, strangersPage, withPage } from "../support/browser.ts";
import { onePortal, OTHER, signIn, TENANT } from "../support/portal_app.ts";
import { type Fields, post } from "../support/portal_forms.ts";

const app = onePortal();

/** Two owners look at one page; the other saves first. */
async function twoOwners(
  path: string,
  use: (page: Page, other: Page) => Promise<void>,
): Promise<void> {
  const portal = await app();
  await withPage(async (page) => {
    const other = await strangersPage(page);
    for (const one of [page, other]) {
      await signIn(portal, one);
      await one.goto(portal.baseUrl + path);
    }
    await use(page, other);
  });
}

browserTest("two admins save settings: the later is told, and may save over it", async () => {
  await twoOwners("/portal/settings", async (page, other) => {
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
});

browserTest(
  "two admins set a budget: the later sees the other's beside the own draft",
  async () => {
    await twoOwners("/portal/alerts", async (page, other) => {
      await other.getByLabel(/Amount/).fill("100");
      await other.getByRole("button", { name: "Save budget" }).click();
      await other.getByText("The budget is saved.").waitFor();
      await page.getByLabel(/Amount/).fill("200");
      await page.getByLabel("Stop at the budget").check();
      await page.getByRole("button", { name: "Save budget" }).click();
      await page.getByText("It now says: $100.00, alerts only.").waitFor();
      assertEquals(await page.getByLabel(/Amount/).inputValue(), "200");
      assertEquals(await page.getByLabel("Stop at the budget").isChecked(), true);
      const { runtime } = await app();
      const stored = async () => (await runtime.services.tenants.tenant(TENANT))?.value.budget;
      assertEquals((await stored())?.stop, false);
      await page.getByRole("button", { name: "Save budget" }).click();
      await page.getByText("The budget is saved.").waitFor();
      assertEquals((await stored())?.stop, true);
    });
  },
);

browserTest("two admins set who hears of alerts: nothing is overwritten unseen", async () => {
  await twoOwners("/portal/alerts", async (page, other) => {
    await other.getByLabel("E-mail to").fill("first@mail.example");
    await other.getByRole("button", { name: "Save alerts" }).click();
    await other.getByText("The alerts are saved.").waitFor();
    await page.getByLabel("E-mail to").fill("second@mail.example");
    await page.getByRole("button", { name: "Save alerts" }).click();
    await page.getByText("It now says: first@mail.example.").waitFor();
    assertEquals(await page.getByLabel("E-mail to").inputValue(), "second@mail.example");
    await page.getByRole("button", { name: "Save alerts" }).click();
    await page.getByText("The alerts are saved.").waitFor();
    await page.getByRole("button", { name: "Send a test" }).click();
    await page.getByText("A test alert is on its way.").waitFor();
    assertEquals((await app()).mails("second@mail.example").length, 1);
    assertEquals((await app()).mails("first@mail.example").length, 0);
  });
});

browserTest("two owners change one member's role: the later is told", async () => {
  await twoOwners("/portal/members", async (page, other) => {
    for (
      const [one, role, word] of [
        [other, "admin", "The role is changed."],
        [page, "owner", "Somebody else changed this in between."],
      ] as const
    ) {
      const row = one.getByRole("row", { name: /Sample viewer/ });
      await row.getByRole("button", { name: /Change/ }).click();
      await row.getByLabel("Role").selectOption(role);
      await row.getByRole("button", { name: "Save role" }).click();
      await one.getByText(word).waitFor();
    }
    await page.getByRole("row", { name: /Sample viewer.*Admin/ }).waitFor();
  });
});

browserTest("another tenant's things are as absent as things that never were", async () => {
  const portal = await app();
  const { baseUrl, runtime } = portal;
  const { tenants, members } = runtime.services;
  const { sessionStore } = runtime.services.portal;
  await withPage(async (page) => {
    const theirs = await strangersPage(page);
    await signIn(portal, theirs, { tenantId: OTHER });
    await theirs.goto(`${baseUrl}/portal/members`);
    await theirs.getByLabel("E-mail").fill("guest@mail.example");
    await theirs.getByRole("button", { name: "Invite" }).click();
    await theirs.getByText("The invitation is on its way.").waitFor();

    const key = (await tenants.apiKeys(OTHER))[0];
    const [member] = await members.members(OTHER);
    const [invitation] = await members.invitations(OTHER);
    assert(key !== undefined && member !== undefined && invitation !== undefined);
    const owner = (await members.members(OTHER)).find(({ role }) => role === "owner");
    assert(owner !== undefined);
    const [session] = await sessionStore.sessions({
      kind: "member",
      tenantId: OTHER,
      memberId: owner.memberId,
    });
    assert(session !== undefined);

    await signIn(portal, page);
    await page.goto(`${baseUrl}/portal/keys`);
    const token = await page.locator('input[name="csrf_token"]').first().getAttribute("value");
    const send = async (action: string, fields: Fields) => {
      const all: Fields = [["csrf_token", token ?? ""], ...fields];
      const { status, text } = await post(page, { baseUrl, action, fields: all });
      return [status, text.replaceAll(/(req_\w+|nonce-[^'"]+)/g, "")];
    };
    const role: Fields = [["role", "viewer"], ["was", "owner"]];
    const pairs: readonly (readonly [(id: string) => string, Fields, string])[] = [
      [(id) => `/portal/keys/${id}/revoke`, [["confirmation", "revoke"]], key.keyId],
      [(id) => `/portal/keys/${id}/rotate`, [["grace", "0"]], key.keyId],
      [(id) => `/portal/members/${id}`, role, member.memberId],
      [(id) => `/portal/members/${id}/remove`, [["confirmation", "remove"]], member.memberId],
    ];
    for (const [action, fields, id] of pairs) {
      const found = await send(action(id), fields);
      assertEquals(found[0], 404, action(id));
      assertEquals(found, await send(action("absent_1"), fields), action(id));
    }
    for (
      const [action, name, id] of [
        ["/portal/members/invitations/revoke", "invitation_id", invitation.invitationId],
        ["/portal/members/sessions/end", "session_id", session.sessionId],
      ] as const
    ) {
      const found = await send(action, [[name, id]]);
      assertEquals(found[0], 404, action);
      assertEquals(found, await send(action, [[name, "absent_1"]]), action);
    }
    for (
      const path of [
        "/portal/invoices/2020-01-01",
        "/portal/invoices/2020-01-01/csv",
        "/portal/invoices/x",
        "/portal/invoices/x/lines/y",
        "/portal/plan/preview?to=nothing@1",
        "/portal/nothing",
      ]
    ) {
      assertEquals((await page.request.get(baseUrl + path)).status(), 404, path);
    }
  });
  assertEquals((await tenants.apiKeys(OTHER)).map(({ revokedAtMs }) => revokedAtMs), [null]);
  assertEquals((await members.members(OTHER)).length, 2);
  assertEquals((await members.invitations(OTHER)).length, 1);
});
