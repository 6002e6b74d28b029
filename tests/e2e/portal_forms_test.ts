/** What no form of the tenant portal loses or does twice, in a real browser. */
import { assert, assertEquals } from "@std/assert";
import { provisionTenant } from "@/lib/billing/provision_tenant.ts";
import { browserTest, type Page, strangersPage, withPage } from "../support/browser.ts";
import {
  type Fields,
  fillForm,
  formActions,
  PORTAL_FORMS,
  post,
  submitForm,
} from "../support/portal_forms.ts";
import { onePortal, PAGES, type PortalApp, signIn } from "../support/portal_app.ts";

const app = onePortal();

/** A tenant of its own with one of everything that a form can be about. */
async function furnished(page: Page, tenantId: string): Promise<PortalApp> {
  const portal = await app();
  const { services } = portal.runtime;
  await portal.tenant(tenantId, "Forms and Sons");
  const provisioned = await provisionTenant(services.billing, {
    tenantId,
    email: `owner@${tenantId}.example`,
    startMs: services.clock.nowMs(),
    collection: { kind: "invoice", daysUntilDue: 14 },
  });
  assert(provisioned.ok);
  await signIn(portal, page, { tenantId });
  const elsewhere = await strangersPage(page);
  await signIn(portal, elsewhere, { tenantId });
  await elsewhere.close();
  const invite = PORTAL_FORMS.find(({ name }) => name === "invite");
  assert(invite !== undefined);
  const { action, fields } = await fillForm(page, { baseUrl: portal.baseUrl, form: invite });
  const other = fields.map(([name, value]): [string, string] => [
    name,
    name === "email" ? "earlier@mail.example" : value,
  ]);
  const invited = await post(page, { baseUrl: portal.baseUrl, action, fields: other });
  assertEquals(invited.status, 303);
  return portal;
}

/** Without what belongs to one session alone. */
function entered(fields: Fields): string[][] {
  return fields.filter(([name]) => name !== "csrf_token").map((pair) => [...pair]);
}

browserTest(
  "a session that ends mid-form loses no form's draft, and it can be sent after all",
  async () => {
    await withPage(async (page) => {
      const { baseUrl } = await furnished(page, "tn_expired");
      const cookies = await page.context().cookies();
      for (const form of PORTAL_FORMS) {
        const { action, fields } = await fillForm(page, { baseUrl, form });
        await page.context().clearCookies({ name: "sid" });
        await submitForm(page, action);
        await page.getByRole("heading", { name: "Your session has ended" }).waitFor();
        const kept = await page.locator(`main form[action="${action}"] input[type="hidden"]`)
          .evaluateAll((inputs) =>
            inputs.map((input): [string, string] => [
              input.getAttribute("name") ?? "",
              input.getAttribute("value") ?? "",
            ])
          );
        assertEquals(entered(kept), entered(fields), form.name);
        await page.context().addCookies(cookies);
      }
      const form = PORTAL_FORMS.find(({ name }) => name === "budget") ?? PORTAL_FORMS[0];
      assert(form !== undefined);
      const { action } = await fillForm(page, { baseUrl, form });
      await page.context().clearCookies({ name: "sid" });
      await submitForm(page, action);
      await page.getByRole("heading", { name: "Your session has ended" }).waitFor();
      await page.context().addCookies(cookies);
      await page.getByRole("button", { name: "Send it again" }).click();
      await page.getByText("The form was made before you signed in").waitFor();
      await page.getByRole("button", { name: "Send it again" }).click();
      await page.getByText("The budget is saved.").waitFor();
    });
  },
);

browserTest("a form that is sent twice acts once, and both get the same answer", async () => {
  await withPage(async (page) => {
    const tenantId = "tn_twice";
    const { baseUrl, runtime, mails } = await furnished(page, tenantId);
    const entries = async () =>
      (await runtime.services.audit.entries({ chain: tenantId, limit: 200 })).items;
    for (const form of PORTAL_FORMS) {
      const { action, fields } = await fillForm(page, { baseUrl, form });
      const before = (await entries()).length;
      const send = () => post(page, { baseUrl, action, fields });
      const [first, second] = await Promise.all([send(), send()]);
      assertEquals(second, first, form.name);
      assertEquals(await send(), first, `${form.name}, a third time`);
      const acts = (await entries()).slice(0, -before || undefined).map((entry) => entry.action);
      assertEquals(acts.length, new Set(acts).size, `${form.name}: ${acts.join(", ")}`);
      assertEquals(acts.length > 0, !WITHOUT_AUDIT.has(form.name), form.name);
    }
    assertEquals(mails("draft@mail.example").length, 1);
  });
});

/** Forms that change nothing of the tenant. */
const WITHOUT_AUDIT = new Set(["end a session", "payment details"]);

browserTest("no page has a form that these tests don't know", async () => {
  await withPage(async (page) => {
    const { baseUrl } = await furnished(page, "tn_every");
    for (const path of PAGES) {
      await page.goto(baseUrl + path);
      for (const action of await formActions(page)) {
        assert(PORTAL_FORMS.some((form) => form.action.test(action)), `${action} on ${path}`);
      }
    }
  });
});

browserTest(
  "acts on members and keys ask for a fresh proof after a while, and keep what was entered",
  async () => {
    await withPage(async (page) => {
      const tenantId = "tn_proof";
      const { baseUrl, runtime } = await furnished(page, tenantId);
      const { sessionStore } = runtime.services.portal;
      const member = (await runtime.services.members.members(tenantId))
        .find(({ role }) => role === "owner");
      assert(member !== undefined);
      const owner = { kind: "member", tenantId, memberId: member.memberId } as const;
      for (const session of await sessionStore.sessions(owner)) {
        const stored = await sessionStore.sessionByHash(session.hash);
        assert(stored !== null);
        const old = { ...stored.value, provenAtMs: session.provenAtMs - 86_400_000 };
        await sessionStore.touchSession(old, stored.versionstamp);
      }
      await page.goto(`${baseUrl}/portal/members`);
      await page.getByLabel("E-mail").fill("late@mail.example");
      await page.getByRole("button", { name: "Invite" }).click();
      await page.getByRole("heading", { name: "Prove that it is you" }).waitFor();
      const kept = await page.locator('input[name="email"]').getAttribute("value");
      assertEquals(kept, "late@mail.example");
      await page.goto(`${baseUrl}/portal/keys`);
      await page.getByLabel("Name").first().fill("Late key");
      await page.getByRole("button", { name: "Create key" }).click();
      await page.getByRole("heading", { name: "Prove that it is you" }).waitFor();
      assertEquals(await page.locator('input[name="name"]').getAttribute("value"), "Late key");
    });
  },
);

browserTest("a form from another site is refused, with or without a session", async () => {
  const { baseUrl } = await app();
  await withPage(async (page) => {
    await signIn(await app(), page);
    const reply = await page.request.post(`${baseUrl}/portal/alerts/budget`, {
      headers: { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
      form: { amount: "1" },
    });
    assertEquals(reply.status(), 403);
  });
});
