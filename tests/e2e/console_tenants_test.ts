/** What operators do to tenants, in a real browser, with and without a script. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createTenant } from "@/lib/tenancy/tenants.ts";
import { browserTest, type Page, strangersPage, withPage } from "../support/browser.ts";
import { type ConsoleApp, startConsole } from "../support/console_app.ts";
import { HOSTILE_NAMES } from "../support/hostile_names.ts";
import { axeFaults, overflow } from "../support/page_checks.ts";
import { ACT, changeTenant, useUnits } from "../support/whole_app.ts";

const TABS = ["", "/usage", "/plan", "/limits", "/keys", "/members", "/status"];
const SECOND = "grace@desk.example";

let started: Promise<ConsoleApp> | null = null;
let made = 0;

/** One app for all tests of this file: building it takes longer than any of them. */
function app(): Promise<ConsoleApp> {
  started ??= startConsole();
  return started;
}

globalThis.addEventListener("unload", () => {
  started?.then((desk) => desk[Symbol.asyncDispose]());
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with a script" : "without a script";
  const options = { javaScriptEnabled };

  browserTest(`a tenant is made; bad input keeps what was typed, ${how}`, async () => {
    const { baseUrl, runtime, signIn } = await app();
    await withPage(async (page) => {
      await signIn(page);
      await page.goto(`${baseUrl}/operator/tenants`);
      await page.getByRole("link", { name: "New tenant" }).click();
      await page.getByLabel("Name").fill("Zephyr & Sons");
      await page.getByLabel("Owner’s e-mail").fill("ida@zephyr.example");
      await page.getByLabel("Plan").selectOption("growth@1");
      await page.getByLabel("Time zone").fill("Mars/Olympus");
      await page.getByRole("button", { name: "Create tenant" }).click();
      await page.getByText("is not a time zone such as Europe/Paris").first().waitFor();
      assertEquals(await page.getByLabel("Name").inputValue(), "Zephyr & Sons");
      assertEquals(await page.getByLabel("Owner’s e-mail").inputValue(), "ida@zephyr.example");
      assertEquals(await page.getByLabel("Plan").inputValue(), "growth@1");
      assertEquals(await page.getByLabel("Time zone").getAttribute("aria-invalid"), "true");
      await page.getByLabel("Time zone").fill("Europe/Paris");
      await page.getByRole("button", { name: "Create tenant" }).click();
      await page.getByText("The tenant exists, with its owner.").waitFor();
      const tenantId = new URL(page.url()).pathname.split("/").at(-1) ?? "";
      const tenant = await runtime.services.tenants.tenant(tenantId);
      assertEquals(tenant?.value.timeZone, "Europe/Paris");
      const members = await runtime.services.members.members(tenantId);
      assertEquals(members.map(({ email, role }) => [email, role]), [
        ["ida@zephyr.example", "owner"],
      ]);
    }, options);
  });

  browserTest(`a plan change is previewed to the cent and done, ${how}`, async () => {
    const { baseUrl, runtime, signIn } = await app();
    const tenantId = await newTenant("Preview Ltd");
    await useUnits(runtime, { tenantId, meter: "risk_score", units: 21_000n });
    await withPage(async (page) => {
      await signIn(page);
      await page.goto(`${baseUrl}/operator/tenants/${tenantId}/plan`);
      await page.getByLabel("Plan version").selectOption("scale@1");
      await page.getByRole("button", { name: "Preview" }).click();
      const main = page.locator("main");
      // 1,000 included, 10,000 at 2 cents, 10,000 at 1 cent; then 1.2 and 0.6 cents.
      await main.getByText("$300.00").first().waitFor();
      await main.getByText("$180.00").first().waitFor();
      const words = await main.innerText();
      assertStringIncludes(words, "by the second");
      assertStringIncludes(words, "$99.00");
      assertStringIncludes(words, "$499.00");
      await page.getByRole("button", { name: "Move to scale@1" }).click();
      await page.getByText("The plan is changed.").waitFor();
      const now = await runtime.services.tenants.tenant(tenantId);
      assertEquals(now?.value.planRevision, "scale@1");
    }, options);
  });

  browserTest(`a tenant is suspended, reactivated and closed for good, ${how}`, async () => {
    const { baseUrl, runtime, signIn } = await app();
    const tenantId = await newTenant("Status Ltd");
    const status = async () => (await runtime.services.tenants.tenant(tenantId))?.value.status;
    await withPage(async (page) => {
      await signIn(page);
      await page.goto(`${baseUrl}/operator/tenants/${tenantId}/status`);
      await page.getByRole("button", { name: "Suspend" }).click();
      await page.getByText("The status is changed").waitFor();
      assertEquals(await status(), "suspended");
      await page.getByRole("button", { name: "Reactivate" }).click();
      await page.getByText("The status is changed").waitFor();
      assertEquals(await status(), "active");
      await page.getByRole("button", { name: "Mark past due" }).click();
      await page.getByText("served until").waitFor();
      assertEquals(await status(), "past_due");

      // Past the browser's own check of the pattern, as a request by hand would be.
      const token = await page.locator('input[name="csrf_token"]').first().getAttribute("value");
      await page.request.post(`${baseUrl}/operator/tenants/${tenantId}/status`, {
        headers: { origin: baseUrl },
        form: { csrf_token: token ?? "", act: "close", confirmation: "close" },
      });
      assertEquals(await status(), "past_due", "the wrong word closes nothing");
      await page.getByLabel(/^Type/).fill(tenantId);
      await page.getByRole("button", { name: "Close this tenant" }).click();
      await page.getByText("The tenant is closed").waitFor();
      assertEquals(await status(), "closed");
      await page.getByText("A closed tenant stays closed.").waitFor();
      assertEquals(await page.getByRole("button", { name: "Reactivate" }).count(), 0);
    }, options);
  });

  browserTest(
    `limits and features are exceptions to the plan, and faults keep the text, ${how}`,
    async () => {
      const { baseUrl, runtime, signIn } = await app();
      const tenantId = await newTenant("Limits Ltd");
      const overrides = async () =>
        (await runtime.services.tenants.tenant(tenantId))?.value.overrides;
      await withPage(async (page) => {
        await signIn(page);
        await page.goto(`${baseUrl}/operator/tenants/${tenantId}/limits`);
        await page.getByLabel("Requests a second").fill("many");
        await page.getByLabel("Risk score, units a period").fill("1,500");
        await page.getByLabel("Risk score, when reached").selectOption("soft");
        await page.getByRole("button", { name: "Save limits" }).click();
        await page.getByText("A limit is a whole number above zero").first().waitFor();
        assertEquals(await page.getByLabel("Requests a second").inputValue(), "many");
        assertEquals(await page.getByLabel("Risk score, units a period").inputValue(), "1,500");
        assertEquals(await page.getByLabel("Risk score, when reached").inputValue(), "soft");
        assertEquals(await overrides(), {});
        await page.getByLabel("Requests a second").fill("75");
        await page.getByRole("button", { name: "Save limits" }).click();
        await page.getByText("The limits are saved").waitFor();
        assertEquals(await overrides(), {
          requestsPerSecond: 75,
          quotas: { risk_score: { units: 1_500n, enforcement: "soft" } },
        });

        await page.getByLabel("batch").selectOption("off");
        await page.getByLabel("Switch on another").fill("lists:write");
        await page.getByRole("button", { name: "Save features" }).click();
        await page.getByText("The features are saved").waitFor();
        assertEquals((await overrides())?.features, { batch: false, "lists:write": true });
        assertEquals((await overrides())?.requestsPerSecond, 75, "limits stay");
        await page.getByLabel("lists:write").selectOption("");
        await page.getByLabel("Requests a second").fill("");
        await page.getByRole("button", { name: "Save features" }).click();
        await page.getByText("The features are saved").waitFor();
        assertEquals((await overrides())?.features, { batch: false });
      }, options);
    },
  );

  browserTest(`a key is made, shown once, and revoked after typing the word, ${how}`, async () => {
    const { baseUrl, runtime, signIn } = await app();
    const tenantId = await newTenant("Keys Ltd");
    await withPage(async (page) => {
      await signIn(page);
      const path = `${baseUrl}/operator/tenants/${tenantId}/keys`;
      await page.goto(path);
      await page.getByLabel("Name").fill("Night batch");
      await page.getByLabel("Mode").selectOption("test");
      await page.getByRole("button", { name: "Create key" }).click();
      const secret = await page.locator(".secret code").innerText();
      assert(/^cm_test_[0-9A-Za-z]{36}$/.test(secret), secret);
      await page.goto(path);
      assertEquals((await page.content()).includes(secret), false);
      const row = page.getByRole("row", { name: /Night batch.*active/ });
      await row.getByRole("button", { name: /Revoke/ }).first().click();
      await row.getByLabel(/^Type/).fill("revoke");
      await row.getByRole("button", { name: "Revoke this key" }).click();
      await page.getByText("The key is revoked").waitFor();
      await page.getByRole("row", { name: /Night batch.*revoked/ }).waitFor();
      const keys = await runtime.services.tenants.apiKeys(tenantId);
      assert(keys.find(({ name }) => name === "Night batch")?.revokedAtMs !== null);
    }, options);
  });

  browserTest(
    `an operator looks through a member's eyes, named in the tenant's audit, ${how}`,
    async () => {
      const { baseUrl, runtime, signIn } = await app();
      const tenantId = await newTenant("Eyes Ltd");
      await withPage(async (page) => {
        await signIn(page);
        await page.goto(`${baseUrl}/operator/tenants/${tenantId}/members`);
        await page.getByRole("button", { name: /View as.*viewer@/ }).click();
        const dialog = page.getByRole("dialog", { name: /View as viewer@/ });
        await dialog.getByLabel("Why").fill("Ticket 12");
        await dialog.getByRole("button", { name: "Look through their eyes" }).click();
        await page.waitForURL(`${baseUrl}/portal`);
        const banner = page.locator(".impersonation");
        assertStringIncludes(await banner.innerText(), "operator");
        const audit = await runtime.services.audit.entries({ chain: tenantId, limit: 5 });
        assert(audit.items.some(({ action }) => action === "member.impersonated"));
        await banner.getByRole("button").click();
        await page.getByText("You are yourself again.").waitFor();
        assertStringIncludes(page.url(), `/operator/tenants/${tenantId}/members`);
      }, options);
    },
  );
}

browserTest("tenants are searched by name and id, and paged", async () => {
  const { baseUrl, runtime, signIn } = await app();
  for (let number = 0; number < 60; number++) {
    const name = `Paged ${String(number).padStart(2, "0")}`;
    const input = {
      tenantId: `paged_${String(number).padStart(2, "0")}`,
      name,
      planRevision: "growth@1",
    };
    assert((await createTenant(input, { deps: runtime.services, act: ACT })).ok);
  }
  await withPage(async (page) => {
    await signIn(page);
    await page.goto(`${baseUrl}/operator/tenants`);
    const seen = new Set<string>();
    for (let pages = 0; pages < 5; pages++) {
      const rows = page.locator("tbody tr");
      for (const text of await rows.allInnerTexts()) seen.add(/paged_\d\d/.exec(text)?.[0] ?? "");
      const next = page.getByRole("link", { name: /Next/ });
      if (await next.count() === 0) break;
      await next.click();
    }
    seen.delete("");
    assertEquals(seen.size, 60);
    await page.getByRole("link", { name: /First/ }).click();
    await page.getByLabel("Name or id").fill("PAGED 07");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("link", { name: "Paged 07" }).waitFor();
    assertEquals(await page.locator("tbody tr").count(), 1);
    assertEquals(await page.getByLabel("Name or id").inputValue(), "PAGED 07");
    await page.getByLabel("Name or id").fill("<script>alert(1)</script>");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByText("No tenant by that name or id").waitFor();
    await page.getByRole("link", { name: "Show all" }).click();
    await page.locator("tbody tr").nth(1).waitFor();
  });
});

browserTest(
  "two operators on one tenant: the later is told, and nothing is overwritten",
  async () => {
    const { baseUrl, runtime, signIn } = await app();
    const tenantId = await newTenant("Conflict Ltd");
    const path = `${baseUrl}/operator/tenants/${tenantId}`;
    const stored = async () => (await runtime.services.tenants.tenant(tenantId))?.value;
    await withPage(async (page) => {
      await signIn(page);
      const other = await strangersPage(page);
      await signIn(other, SECOND);
      for (const one of [page, other]) await one.goto(`${path}/limits`);
      await other.getByLabel("Burst").fill("900");
      await other.getByRole("button", { name: "Save limits" }).click();
      await other.getByText("The limits are saved").waitFor();
      await page.getByLabel("Burst").fill("100");
      await page.getByRole("button", { name: "Save limits" }).click();
      await page.getByText("Somebody else changed this tenant meanwhile").waitFor();
      assertEquals(await page.getByLabel("Burst").inputValue(), "100");
      assertStringIncludes(await page.locator("main").innerText(), "saved now: 900");
      assertEquals(await axeFaults(page), []);
      assertEquals((await stored())?.overrides.burst, 900);
      await page.getByRole("button", { name: "Save limits" }).click();
      await page.getByText("The limits are saved").waitFor();
      assertEquals((await stored())?.overrides.burst, 100);

      for (const one of [page, other]) await one.goto(`${path}/status`);
      await other.getByRole("button", { name: "Mark past due" }).click();
      await other.getByText("The status is changed").waitFor();
      await page.getByRole("button", { name: "Suspend" }).click();
      await page.getByText("Somebody else changed this in between.").waitFor();
      assertEquals((await stored())?.status, "past_due");

      for (const one of [page, other]) await one.goto(`${path}/plan?to=scale@1`);
      await other.goto(`${path}/plan?to=starter@1`);
      await other.getByRole("button", { name: "Move to starter@1" }).click();
      await other.getByText("The plan is changed.").waitFor();
      await page.getByRole("button", { name: "Move to scale@1" }).click();
      await page.getByText("Somebody else changed this in between.").waitFor();
      assertEquals((await stored())?.planRevision, "starter@1");
    });
  },
);

browserTest("a form that is sent twice has one effect, and says so both times", async () => {
  const { baseUrl, runtime, signIn } = await app();
  const { services } = runtime;
  const tenantId = await newTenant("Twice Ltd");
  const path = `${baseUrl}/operator/tenants/${tenantId}`;
  await withPage(async (page) => {
    await signIn(page);

    await page.goto(`${baseUrl}/operator/tenants/new`);
    const newId = await page.locator('input[name="tenantId"]').getAttribute("value") ?? "";
    await page.getByLabel("Name").fill("Sent Twice");
    await page.getByLabel("Owner’s e-mail").fill("two@twice.example");
    const replies = await sendTwice(page, "Create tenant");
    assertEquals(replies.map(({ status }) => status), [200, 200]);
    assertEquals((await services.members.members(newId)).length, 1);

    await page.goto(`${path}/keys`);
    const before = (await services.tenants.apiKeys(tenantId)).length;
    await page.getByLabel("Name").fill("Twice");
    const shown = (await sendTwice(page, "Create key")).map(({ text }) =>
      /cm_live_[0-9A-Za-z]{36}/.exec(text)?.[0]
    );
    assert(shown[0] !== undefined && shown[0] === shown[1], "both answers show the one key");
    assertEquals((await services.tenants.apiKeys(tenantId)).length, before + 1);

    await page.goto(`${path}/limits`);
    await page.getByLabel("Burst").fill("444");
    for (const { text } of await sendTwice(page, "Save limits")) {
      assertStringIncludes(text, "The limits are saved");
    }
    await page.goto(`${path}/status`);
    for (const { text } of await sendTwice(page, "Suspend")) {
      assertStringIncludes(text, "The status is changed");
    }
    await page.goto(`${path}/plan?to=scale@1`);
    for (const { text } of await sendTwice(page, "Move to scale@1")) {
      assertStringIncludes(text, "The plan is changed.");
    }
    const changes = await services.billing.store.planChanges(tenantId);
    assertEquals(changes.map(({ to }) => to), ["scale@1"]);
    const rows = (await services.audit.entries({ chain: tenantId, limit: 50 })).items;
    for (const action of ["tenant.limits_changed", "tenant.suspended", "tenant.plan_changed"]) {
      assertEquals(rows.filter((row) => row.action === action).length, 1, action);
    }
  });
});

browserTest(
  "a session that ends mid-form keeps the draft, and sends it after signing in",
  async () => {
    const { baseUrl, runtime, signIn } = await app();
    const tenantId = await newTenant("Expired Ltd");
    await withPage(async (page) => {
      await signIn(page);
      await page.goto(`${baseUrl}/operator/tenants/${tenantId}/limits`);
      await page.getByLabel("Burst").fill("777");
      await page.context().clearCookies({ name: "op" });
      await page.getByRole("button", { name: "Save limits" }).click();
      await page.getByText("Your session has ended").first().waitFor();
      assertEquals(await page.locator('input[name="burst"]').getAttribute("value"), "777");
      await signIn(page);
      await page.getByRole("button", { name: "Send it again" }).click();
      await page.getByRole("button", { name: "Send it again" }).click();
      await page.getByText("The limits are saved").waitFor();
      const tenant = await runtime.services.tenants.tenant(tenantId);
      assertEquals(tenant?.value.overrides.burst, 777);
    });
  },
);

browserTest("hostile names stay inert on every page of a tenant, and on the lists", async () => {
  const { baseUrl, runtime, signIn } = await app();
  const { services } = runtime;
  const tenantId = await newTenant("Hostile Ltd");
  const [key] = await services.tenants.apiKeys(tenantId);
  const [member] = await services.members.members(tenantId);
  assert(key !== undefined && member !== undefined);
  for (const [at, name] of HOSTILE_NAMES.entries()) {
    await services.tenants.putApiKey({ ...key, name, keyId: `key_h${at}`, hash: `h${at}` }, null);
    const person = { ...member, memberId: `mem_h${at}`, email: `h${at}@hostile.example`, name };
    await services.members.putMember(person, null);
  }
  await withPage(async (page, problems) => {
    let dialogs = 0;
    page.on("dialog", (dialog) => {
      dialogs += 1;
      return dialog.dismiss();
    });
    await signIn(page);
    await page.setViewportSize({ width: 390, height: 844 });
    const look = async (path: string, name: string) => {
      await page.goto(baseUrl + path);
      const where = `${path} with ${JSON.stringify(name)}`;
      assertEquals(await page.locator("h1").count(), 1, where);
      assertEquals(await page.locator('img[src="x"], main script, main style').count(), 0, where);
      assert(await overflow(page) <= 0, where);
    };
    for (const [at, name] of HOSTILE_NAMES.entries()) {
      await changeTenant(runtime, tenantId, () => ({ name }));
      await look(`/operator/tenants/${tenantId}${TABS[at % TABS.length]}`, name);
      await look(`/operator/tenants?search=${encodeURIComponent(name.slice(0, 200))}`, name);
      await look("/operator/plans/growth/migrate?from=growth@1", name);
    }
    for (const tab of TABS) await look(`/operator/tenants/${tenantId}${tab}`, "the last name");
    assertEquals(dialogs, 0);
    assertEquals(problems, []);
  });
});

browserTest("members, strangers and forms of other sites get nowhere", async () => {
  const { baseUrl, runtime, signIn } = await app();
  const tenantId = await newTenant("Closed Ltd");
  const path = `${baseUrl}/operator/tenants/${tenantId}`;
  const { services } = runtime;
  const [member] = await services.members.members(tenantId);
  const asMember = await services.sessions.start({
    owner: { kind: "member", tenantId, memberId: member?.memberId ?? "" },
    method: "magic_link",
    ip: null,
    userAgent: null,
  });
  const ask = (address: string, headers: Record<string, string>) =>
    fetch(address, { headers, redirect: "manual" }).then(async (reply) => {
      await reply.body?.cancel();
      return reply;
    });
  // A member's secret opens nothing here, under its own name or under the operator's.
  for (const cookie of ["", `sid=${asMember.secret}`, `op=${asMember.secret}`]) {
    for (const tab of TABS) {
      const reply = await ask(path + tab, cookie === "" ? {} : { cookie });
      assertEquals(reply.status, 303, `${tab} with ${cookie.slice(0, 3)}`);
      assertStringIncludes(reply.headers.get("location") ?? "", "/operator/sign-in");
    }
  }
  await withPage(async (page) => {
    await signIn(page);
    const absent = ["/operator/tenants/tn_nobody", "/operator/tenants/tn_nobody/keys"];
    for (const address of absent) {
      assertEquals((await page.request.get(baseUrl + address)).status(), 404, address);
    }
    const reply = await page.request.post(`${path}/status`, {
      headers: { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
      form: { act: "status", status: "suspended" },
    });
    assertEquals(reply.status(), 403);
  });
  assertEquals((await services.tenants.tenant(tenantId))?.value.status, "active");
});

async function newTenant(name: string): Promise<string> {
  const tenantId = `tn_${++made}_${name.split(" ")[0]?.toLowerCase()}`;
  await (await app()).tenant(tenantId, name);
  return tenantId;
}

/** The open form, as two requests at once; both answers are what a browser would end on. */
async function sendTwice(
  page: Page,
  button: string,
): Promise<readonly { readonly status: number; readonly text: string }[]> {
  const form = page.locator("form").filter({ has: page.getByRole("button", { name: button }) });
  const fields = await form.first().evaluate<[string, string][], string>((node, label) => {
    const form = node as HTMLFormElement;
    const pressed = [...form.querySelectorAll("button")].find((one) =>
      one.textContent?.includes(label)
    );
    return [...new FormData(form, pressed)].map(([name, value]) => [name, String(value)]);
  }, button);
  const action = await form.first().getAttribute("action") ?? "";
  const { origin } = new URL(page.url());
  const send = async () => {
    const reply = await page.request.post(origin + action, {
      headers: { origin, "content-type": "application/x-www-form-urlencoded" },
      data: new URLSearchParams(fields).toString(),
    });
    return { status: reply.status(), text: await reply.text() };
  };
  // One after the other: the flash cookie of the first answer is read by its own redirect.
  return [await send(), await send()];
}
