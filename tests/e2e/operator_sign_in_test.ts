/** The ways in for operators, in a real browser: passkeys on a virtual device, OpenID Connect. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { STEP_UP_MS } from "@/lib/auth/step_up.ts";
import { systemClock } from "@/lib/platform/system_clock.ts";
import { browserTest, type Page, withPage } from "../support/browser.ts";
import { type ConsoleApp, startConsole } from "../support/console_app.ts";
import { startOidcProvider } from "../support/oidc_provider.ts";
import { axeFaults, overflow } from "../support/page_checks.ts";
import { startWholeApp } from "../support/whole_app.ts";

let aheadMs = 0;
const clock = { nowMs: () => systemClock.nowMs() + aheadMs };
let started: Promise<ConsoleApp> | null = null;

/** One app for all tests of this file: building it takes longer than any of them. */
function app(): Promise<ConsoleApp> {
  return started ??= startConsole({ clock });
}

globalThis.addEventListener("unload", () => {
  started?.then((desk) => desk[Symbol.asyncDispose]());
});

/** The name at which browsers make passkeys for this machine. */
async function atLocalhost(): Promise<string> {
  const url = new URL((await app()).baseUrl);
  url.hostname = "localhost";
  return url.origin;
}

/** A device that holds passkeys and whose owner always agrees. */
async function withDevice(page: Page) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    passkeys: async () => {
      const { credentials } = await session.send("WebAuthn.getCredentials", { authenticatorId });
      return credentials.length;
    },
    agrees: (isUserVerified: boolean) =>
      session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
  };
}

async function signInByToken(page: Page, origin: string, path = "/operator"): Promise<void> {
  const { operatorToken } = await app();
  await page.goto(origin + path);
  await page.getByLabel("Operator token").fill(operatorToken);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(origin + path);
}

browserTest(
  "a passkey is made, signs in, is a step-up, and signs nobody in once it is removed",
  async () => {
    const origin = await atLocalhost();
    await withPage(async (page, problems) => {
      const device = await withDevice(page);
      const keys = `${origin}/operator/settings/passkeys`;
      await signInByToken(page, origin, "/operator/settings/passkeys");
      assertEquals(await axeFaults(page), []);
      await page.getByRole("button", { name: "Make a passkey" }).click();
      assertEquals(await device.passkeys(), 0, "it needs a name first");
      await page.getByLabel("Name").fill("Desk laptop");
      await page.getByRole("button", { name: "Make a passkey" }).click();
      await page.getByText("The passkey is added").waitFor();
      assertEquals(await device.passkeys(), 1);
      const row = page.getByRole("row", { name: /Desk laptop/ });
      assertStringIncludes(await row.innerText(), "never");
      await page.getByLabel("Name").fill("Again");
      await page.getByRole("button", { name: "Make a passkey" }).click();
      await page.getByText("This device has a passkey of yours already").waitFor();

      await page.getByRole("button", { name: "Sign out" }).click();
      await page.waitForURL(/sign-in/);
      assertEquals(await axeFaults(page), []);
      await page.goto(keys);
      await page.getByRole("button", { name: "Sign in with a passkey" }).click();
      await page.waitForURL(keys);
      assertEquals((await row.innerText()).includes("never"), false);

      aheadMs += STEP_UP_MS;
      await page.reload();
      await page.getByRole("link", { name: "Sign in once more" }).click();
      await page.getByText("This needs a fresh proof").waitFor();
      await page.getByRole("button", { name: "Sign in with a passkey" }).click();
      await page.waitForURL(keys);
      await page.getByRole("button", { name: "Make a passkey" }).waitFor();

      await page.getByRole("button", { name: /Remove/ }).first().click();
      await page.getByRole("button", { name: "Remove this passkey" }).click();
      await page.getByText("The passkey is removed").waitFor();
      await page.getByText("You have no passkey yet").waitFor();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.waitForURL(/sign-in/);
      await page.getByRole("button", { name: "Sign in with a passkey" }).click();
      await page.getByText("The passkey was not accepted").waitFor();
      assertEquals(problems.filter((problem) => !problem.includes("status of 422")), []);
    });
    const { runtime: { services } } = await app();
    const { items } = await services.audit.entries({ chain: "operator", limit: 100 });
    assertEquals(items.filter(({ action }) => action.startsWith("passkey.")).length, 2);
  },
);

browserTest("a device whose owner does not agree signs nobody in, and says so", async () => {
  const origin = await atLocalhost();
  await withPage(async (page) => {
    const device = await withDevice(page);
    await signInByToken(page, origin, "/operator/settings/passkeys");
    await page.getByLabel("Name").fill("Desk laptop");
    await page.getByRole("button", { name: "Make a passkey" }).click();
    await page.getByText("The passkey is added").waitFor();
    await page.context().clearCookies();
    await device.agrees(false);
    await page.goto(`${origin}/operator/sign-in`);
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await page.getByText("Cancelled, or it took too long").waitFor();
  });
});

browserTest("where a passkey can't work, the page leads to where it does", async () => {
  const { baseUrl, signIn } = await app();
  const origin = await atLocalhost();
  await withPage(async (page, problems) => {
    await page.goto(`${baseUrl}/operator/sign-in?next=/operator/plans`);
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      assertEquals(await axeFaults(page), []);
      assert(await overflow(page) <= 0);
    }
    await page.getByRole("link", { name: "use them at that address" }).click();
    await page.getByRole("button", { name: "Sign in with a passkey" }).waitFor();
    assertEquals(page.url(), `${origin}/operator/sign-in?next=%2Foperator%2Fplans`);
    await signIn(page);
    await page.goto(`${baseUrl}/operator/settings/passkeys`);
    await page.getByRole("link", { name: "Go on at that address" }).waitFor();
    assertEquals(problems, []);
  });
});

browserTest("operators sign in and step up by OpenID Connect; nobody else gets in", async () => {
  await using provider = startOidcProvider();
  await using desk = await startWholeApp({
    OPERATOR_EMAILS: "ada@example.com",
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: "client",
    OIDC_CLIENT_SECRET: "secret",
  }, { clock });
  const { baseUrl, runtime: { services } } = desk;
  const name = `Sign in with ${new URL(provider.issuer).host}`;
  await withPage(async (page) => {
    provider.claims = { email: "eve@example.com" };
    await page.goto(`${baseUrl}/operator/plans`);
    await page.getByRole("link", { name }).click();
    await page.getByText("or you are no operator here").waitFor();
    assertEquals(await axeFaults(page), []);

    provider.claims = { auth_time: Math.floor(clock.nowMs() / 1_000) - 3_600 };
    await page.goto(`${baseUrl}/operator/settings/sessions`);
    await page.getByRole("link", { name }).click();
    await page.waitForURL(`${baseUrl}/operator/settings/sessions`);
    const row = page.getByRole("row", { name: /ada@example\.com/ });
    assertStringIncludes(await row.innerText(), "OpenID Connect");

    // Signed in, but proven an hour ago: an act that needs a proof asks the provider for a new one.
    await page.goto(`${baseUrl}/operator/sign-in?reason=step_up&next=/operator/plans`);
    await page.getByRole("link", { name }).click();
    await page.getByText("or you are no operator here").waitFor();
    provider.claims = { auth_time: Math.ceil(clock.nowMs() / 1_000) };
    await page.goto(`${baseUrl}/operator/sign-in?reason=step_up&next=/operator/plans`);
    await page.getByRole("link", { name }).click();
    await page.waitForURL(`${baseUrl}/operator/plans`);
    assertEquals(provider.asked.at(-1)?.get("prompt"), "login");
  });
  const { items } = await services.audit.entries({ chain: "operator", limit: 10 });
  assertEquals(items.map(({ action, subject }) => [action, subject]), [
    ["operator.signed_in", "ada@example.com"],
    ["operator.signed_in", "ada@example.com"],
  ]);
});

browserTest("without a provider there is no such way in", async () => {
  const { baseUrl } = await app();
  await withPage(async (page) => {
    await page.goto(`${baseUrl}/operator/sign-in`);
    assertEquals(await page.getByRole("link", { name: /Sign in with/ }).count(), 0);
    for (const path of ["start", "callback"]) {
      const reply = await page.request.get(`${baseUrl}/operator/sign-in/oidc/${path}`);
      assertEquals(reply.status(), 404, path);
    }
  });
});

browserTest("a sandbox's link signs in by its button, once", async () => {
  const { baseUrl, runtime: { services } } = await app();
  const code = await services.operatorSignIn.issueLink(60_000);
  const link = `${baseUrl}/operator/sign-in?code=${code}`;
  await withPage(async (page, problems) => {
    for (let opened = 0; opened < 3; opened++) await page.goto(link);
    assertEquals(await axeFaults(page), []);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL(`${baseUrl}/operator`);
    // The stream of Home would ask for more without a session.
    await page.goto(`${baseUrl}/operator/plans`);
    await page.context().clearCookies();
    await page.goto(link);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText("This link was used already or is too old").waitFor();
    assertEquals(problems.filter((problem) => !problem.includes("status of 422")), []);
  });
});
