/** API keys and first calls in the tenant portal, in a real browser. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { browserTest, withPage } from "../support/browser.ts";
import { axeFaults } from "../support/page_checks.ts";
import { onePortal, signIn } from "../support/portal_app.ts";

const app = onePortal();

browserTest(
  "a key is made, shown once, rotated with grace and revoked after typing the word",
  async () => {
    const { baseUrl } = await app();
    await withPage(async (page, problems) => {
      await signIn(await app(), page);
      await page.goto(`${baseUrl}/portal/keys`);
      await page.getByLabel("Name").fill("Night batch");
      await page.getByRole("button", { name: "Create key" }).click();
      const secret = await page.locator(".secret code").innerText();
      assert(/^cm_test_[0-9A-Za-z]{36}$/.test(secret), secret);
      assertStringIncludes(await page.locator("main").innerText(), "be shown again");
      assertEquals(await axeFaults(page), []);
      await page.getByRole("link", { name: "I have stored it" }).click();
      await page.locator(".secret").waitFor({ state: "detached" });
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

browserTest("a key's scopes, addresses, end and last use are on its row", async () => {
  const portal = await app();
  await withPage(async (page) => {
    await signIn(portal, page);
    await page.goto(`${portal.baseUrl}/portal/keys`);
    await page.getByLabel("Name").fill("Reports");
    await page.getByLabel("Expires").selectOption("In 90 days");
    for (const scope of await page.getByRole("checkbox").all()) await scope.uncheck();
    await page.getByLabel("usage:read").check();
    await page.getByLabel("Allowed addresses").fill("203.0.113.0/24\n198.51.100.7");
    await page.getByRole("button", { name: "Create key" }).click();
    await page.getByRole("link", { name: "I have stored it" }).click();
    const row = page.getByRole("row", { name: /Reports/ });
    const text = await row.innerText();
    for (const part of ["usage:read", "203.0.113.0/24", "198.51.100.7", "until", "never"]) {
      assertStringIncludes(text, part);
    }
    const used = page.getByRole("row", { name: /Pricing service/ });
    assertEquals((await used.innerText()).includes("never"), false);
    await used.getByRole("img", { name: /units in 30 days/ }).waitFor();
  });
});

browserTest(
  "a key form with a fault comes back as it was typed, with a word at the field",
  async () => {
    const portal = await app();
    await withPage(async (page) => {
      await signIn(portal, page);
      await page.goto(`${portal.baseUrl}/portal/keys`);
      await page.getByLabel("Name").fill("Office");
      await page.getByLabel("Expires").selectOption("In 30 days");
      await page.getByLabel("prices:write").uncheck();
      await page.getByLabel("Allowed addresses").fill("the office");
      await page.getByRole("button", { name: "Create key" }).click();
      await page.getByText("The key was not made").waitFor();
      assertEquals(await page.getByLabel("Name").inputValue(), "Office");
      assertEquals(await page.getByLabel("Expires").inputValue(), "30");
      assertEquals(await page.getByLabel("prices:write").isChecked(), false);
      assertEquals(await page.getByLabel("prices:read").isChecked(), true);
      const addresses = page.getByLabel("Allowed addresses");
      assertEquals(await addresses.inputValue(), "the office");
      assertEquals(await addresses.getAttribute("aria-invalid"), "true");
    });
  },
);

/** How each snippet is run as pasted; a program that is not here is left out by name. */
const RUNNERS = [
  { language: /curl/, program: "bash", args: ["-s"], status: /^HTTP\/1\.1 200/ },
  { language: /TypeScript/, program: Deno.execPath(), args: ["run", "-A", "-"], status: /^200 / },
  { language: /Python/, program: "python3", args: ["-"], status: /^200 / },
] as const;

browserTest(
  "the snippets run as pasted: with a new key in them, and with one of the shell",
  async () => {
    const portal = await app();
    await withPage(async (page) => {
      await signIn(portal, page);
      await page.goto(`${portal.baseUrl}/portal/keys`);
      await page.getByLabel("Name").fill("First call");
      await page.getByRole("button", { name: "Create key" }).click();
      const secret = await page.locator(".secret code").innerText();
      for (const place of ["the page of the new key", "the start page"]) {
        const env = place === "the start page" ? { CLAWMETER_KEY: secret } : {};
        if (place === "the start page") {
          await page.goto(`${portal.baseUrl}/portal/start`);
          assertStringIncludes(await page.locator("main").innerText(), "export CLAWMETER_KEY=");
        }
        for (const { language, program, args, status } of RUNNERS) {
          const snippet = page.locator("figure.code").filter({ hasText: language });
          const code = await snippet.locator("code").first().textContent();
          const output = await pipeInto(program, { args, text: code ?? "", env });
          if (output === null) continue;
          assert(status.test(output), `${program}: ${output}`);
          assertStringIncludes(output, "compliance", `${program} on ${place}`);
        }
      }
    });
  },
);

/** What a program prints for a text on its input; `null` where it is not installed. */
async function pipeInto(
  program: string,
  { args, text, env }: { args: readonly string[]; text: string; env: Record<string, string> },
): Promise<string | null> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args: [...args],
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { stdout, stderr } = await child.output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return decode(stdout) || decode(stderr);
}
