/** Names that have broken other pages, on every page of the portal, in its mails and its files. */
import { assert, assertEquals } from "@std/assert";
import Papa from "papaparse";
import { browserTest, withPage } from "../support/browser.ts";
import { HOSTILE_NAMES } from "../support/hostile_names.ts";
import { overflow } from "../support/page_checks.ts";
import {
  callApi,
  onePortal,
  PAGES,
  type PortalApp,
  signIn,
  statementPath,
  TENANT,
} from "../support/portal_app.ts";
import { changeTenant } from "../support/whole_app.ts";

const app = onePortal();

/** One key and one member of each name. */
async function nameThings({ runtime: { services } }: PortalApp): Promise<void> {
  const [key] = await services.tenants.apiKeys(TENANT);
  const member = (await services.members.members(TENANT)).find(({ role }) => role === "viewer");
  assert(key !== undefined && member !== undefined);
  for (const [at, name] of HOSTILE_NAMES.entries()) {
    const hash = String(at).padStart(64, "0");
    await services.tenants.putApiKey({ ...key, name, keyId: `key_hostile_${at}`, hash }, null);
    const email = `guest${at}@mail.example`;
    const guest = { ...member, name, email, memberId: `mem_hostile_${at}` };
    assert((await services.members.putMember(guest, null)).ok);
  }
}

async function nameTenant({ runtime }: PortalApp, displayName: string): Promise<void> {
  await changeTenant(
    runtime,
    TENANT,
    ({ branding }) => ({ branding: { ...branding, displayName } }),
  );
}

browserTest("hostile names stay inert on every page", async () => {
  const portal = await app();
  await nameThings(portal);
  await withPage(async (page, problems) => {
    let dialogs = 0;
    page.on("dialog", (dialog) => {
      dialogs += 1;
      return dialog.dismiss();
    });
    await signIn(portal, page);
    const paths = [...PAGES, "/portal/usage?show=calls_by_key", await statementPath(portal, page)];
    for (const [at, path] of [...paths, ...paths].entries()) {
      const name = HOSTILE_NAMES[at % HOSTILE_NAMES.length] ?? "";
      await nameTenant(portal, name);
      await page.goto(portal.baseUrl + path);
      const where = `${path} with ${JSON.stringify(name)}`;
      assertEquals(await page.locator("h1").count(), 1, where);
      assertEquals(await page.locator('img[src="x"], main script').count(), 0, where);
      assert(await page.locator("h1").isVisible(), where);
      assert(await overflow(page) <= 0, where);
    }
    assertEquals(dialogs, 0);
    assertEquals(problems, []);
  });
});

browserTest("hostile names start no line of a mail and no formula of a file", async () => {
  const portal = await app();
  const { services } = portal.runtime;
  await withPage(async (page) => {
    await signIn(portal, page);
    for (const [at, name] of HOSTILE_NAMES.entries()) {
      await nameTenant(portal, name);
      const to = `invited${at}@mail.example`;
      await page.goto(`${portal.baseUrl}/portal/members`);
      await page.getByLabel("E-mail").fill(to);
      await page.getByRole("button", { name: "Invite", exact: true }).click();
      await page.getByText("The invitation is on its way.").waitFor();
      const [mail] = portal.mails(to);
      assert(mail !== undefined);
      assert(!/[\r\n]/.test(mail.subject), name);
      const lines = mail.text.split("\n").filter((line) => line !== "");
      assertEquals([lines.length, lines[1]?.startsWith(portal.baseUrl)], [3, true], name);
    }
    const [key] = await services.tenants.apiKeys(TENANT);
    const stored = await services.tenants.apiKey(TENANT, key?.keyId ?? "");
    assert(stored !== null);
    await callApi(portal, { apiKey: portal.apiKey });
    for (const name of HOSTILE_NAMES) {
      const now = await services.tenants.apiKey(TENANT, stored.value.keyId);
      await services.tenants.putApiKey({ ...stored.value, name }, now?.versionstamp ?? null);
      const file = `${portal.baseUrl}/portal/usage/csv?show=calls_by_key`;
      const csv = await (await page.request.get(file)).text();
      const parsed: { readonly data: readonly (readonly string[])[] } = Papa.parse(csv.trimEnd());
      const [header = [], ...rows] = parsed.data;
      assert(rows.every((row) => row.length === header.length), name);
      assert(header.every((cell) => !/^[=+@\t\r-]/.test(cell)), name);
    }
  });
});
