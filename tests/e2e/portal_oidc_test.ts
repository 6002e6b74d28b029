/** Members who sign in by OpenID Connect, in a real browser against a provider on this machine. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { systemClock } from "@/lib/platform/system_clock.ts";
import type { Role } from "@/lib/ports/members.ts";
import { addMember } from "@/lib/tenancy/members.ts";
import { browserTest, type Page, strangersPage, withPage } from "../support/browser.ts";
import { approve, type OidcProvider, startOidcProvider } from "../support/oidc_provider.ts";
import { axeFaults } from "../support/page_checks.ts";
import { ACT, startWholeApp, type WholeApp } from "../support/whole_app.ts";

const ADA = "ada@example.com";

interface Scene extends WholeApp {
  readonly provider: OidcProvider;
  /** Makes Ada a member of a new tenant. */
  join(tenantId: string, role: Role): Promise<void>;
  /** Follows the provider's link of the sign-in page at `path`. */
  begin(page: Page, path: string): Promise<void>;
}

let started: Promise<Scene> | null = null;

function scene(): Promise<Scene> {
  return started ??= start();
}

async function start(): Promise<Scene> {
  const provider = startOidcProvider();
  const app = await startWholeApp({
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: "client",
    OIDC_CLIENT_SECRET: "secret",
  }, { clock: systemClock });
  const { services } = app.runtime;
  return {
    ...app,
    provider,
    join: async (tenantId, role) => {
      await app.tenant(tenantId, `Tenant ${tenantId}`);
      const deps = { ...services, sessions: services.portal.sessionStore };
      const added = await addMember({ tenantId, email: ADA, name: "Ada", role }, {
        deps,
        act: ACT,
      });
      assert(added.ok);
    },
    begin: async (page, path) => {
      await page.goto(app.baseUrl + path);
      await page.locator('a[href*="/sign-in/oidc/start"]').click();
    },
  };
}

globalThis.addEventListener("unload", () => {
  started?.then(async (desk) => {
    await desk[Symbol.asyncDispose]();
    await desk.provider[Symbol.asyncDispose]();
  });
});

browserTest(
  "whom the provider vouches for is signed in as the member with that address, where they wanted to go",
  async () => {
    const { baseUrl, provider, join, begin } = await scene();
    await withPage(async (page) => {
      provider.claims = {};
      await begin(page, "/portal/keys");
      await page.waitForURL(/oidc\/callback/);
      await page.locator(".notice-bad").waitFor();
      assertEquals(await page.context().cookies().then((all) => all.map(({ name }) => name)), [
        "bid",
      ], "nobody becomes a member by signing in");

      await join("tn_first", "owner");
      for (const claims of [{ email_verified: false }, { email_verified: "true" }, { email: 7 }]) {
        provider.claims = claims;
        await begin(page, "/portal/keys");
        await page.waitForURL(/oidc\/callback/);
        await page.locator(".notice-bad").waitFor();
      }
      provider.claims = {};
      await begin(page, "/portal/usage?granularity=day");
      await page.waitForURL(`${baseUrl}/portal/usage?granularity=day`);
      const [asked] = provider.asked.slice(-1);
      assertEquals(asked?.get("code_challenge_method"), "S256");
      assertEquals(asked?.get("redirect_uri"), `${baseUrl}/portal/sign-in/oidc/callback`);

      await join("tn_second", "viewer");
      await page.context().clearCookies();
      await begin(page, "/portal/keys");
      await page.getByRole("button", { name: "Tenant tn_second" }).waitFor();
      assertEquals(await axeFaults(page), []);
      const choice = await page.locator('input[name="choice"]').getAttribute("value") ?? "";
      const token = await page.locator('input[name="csrf_token"]').first().getAttribute("value");
      await page.getByRole("button", { name: "Tenant tn_second" }).click();
      await page.waitForURL(`${baseUrl}/portal/keys`);
      assertEquals(await page.getByRole("button", { name: "Create key" }).count(), 0, "a viewer");
      const again = await page.request.post(`${baseUrl}/portal/sign-in/oidc/choose`, {
        headers: { origin: baseUrl },
        form: { csrf_token: token ?? "", choice, tenant: "tn_first" },
        maxRedirects: 0,
      });
      assert(again.status() >= 400, "a choice is made once");
    });
  },
);

browserTest("an answer of the provider counts in the browser that asked, once", async () => {
  const { baseUrl, provider, join } = await scene();
  await join("tn_third", "owner");
  await withPage(async (page) => {
    provider.claims = {};
    const begun = await page.request.get(
      `${baseUrl}/portal/sign-in/oidc/start?next=//evil.example`,
      { maxRedirects: 0 },
    );
    const asked = new URL(begun.headers()["location"] ?? "").searchParams;
    const answer = approve(provider, asked).href;
    const stranger = await strangersPage(page);
    for (const address of [answer, `${baseUrl}/portal/sign-in/oidc/callback`, `${answer}0`]) {
      await stranger.goto(address);
      await stranger.locator(".notice-bad").waitFor();
      assertEquals((await stranger.context().cookies()).some(({ name }) => name === "sid"), false);
    }
    await page.goto(answer);
    assertEquals(await page.locator(".notice-bad").count(), 0);
    assertStringIncludes(page.url(), baseUrl);
    await page.goto(answer);
    await page.locator(".notice-bad").waitFor();
    await stranger.context().close();
  });
});
