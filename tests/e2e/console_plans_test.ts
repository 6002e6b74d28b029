/** Plans from draft to migration, in a real browser, with and without a script. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { browserTest, type Page, strangersPage, withPage } from "../support/browser.ts";
import { type ConsoleApp, startConsole } from "../support/console_app.ts";
import { HOSTILE_NAMES } from "../support/hostile_names.ts";
import { axeFaults, overflow } from "../support/page_checks.ts";
import { changeTenant, useUnits } from "../support/whole_app.ts";

const SECOND = "grace@desk.example";

let started: Promise<ConsoleApp> | null = null;

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
  const planId = javaScriptEnabled ? "scripted" : "plain";

  browserTest(`a plan is made from nothing, tier by tier, ${how}`, async () => {
    const { baseUrl, runtime, signIn } = await app();
    await withPage(async (page) => {
      await signIn(page);
      await page.goto(`${baseUrl}/operator/plans`);
      await page.getByRole("link", { name: "New plan" }).click();
      await page.getByLabel("Plan id").fill(planId);
      await page.getByLabel("Name").fill("Made by hand");
      await page.getByLabel("Base fee").fill("12.50");
      await page.getByRole("button", { name: "Add a meter" }).click();
      await page.getByLabel("Meter", { exact: true }).selectOption("risk_score");
      await page.getByLabel("Price model").selectOption("graduated");
      await page.getByRole("button", { name: /Show its fields/ }).click();
      await page.getByRole("button", { name: /Add a tier/ }).click();
      await page.getByRole("button", { name: /Add a tier/ }).click();
      await page.getByLabel("Tier 1, up to").fill("1000");
      await page.getByLabel("Tier 2, up to").fill("5000");
      for (const [tier, price] of [[1, "0.03"], [2, "0.02"], [3, "0.0125"]] as const) {
        await page.getByLabel(`Tier ${tier}, per unit`).fill(price);
      }
      await page.getByRole("button", { name: "Remove tier 2" }).click();
      await page.getByLabel("Tier 3, per unit").waitFor({ state: "detached" });
      assertEquals(await page.getByLabel(/Tier \d, up to/).count(), 2);
      assertEquals(await page.getByLabel("Tier 1, up to").inputValue(), "1000");
      assertEquals(await page.getByLabel("Tier 2, per unit").inputValue(), "0.0125");
      await page.getByRole("img", { name: /Risk score/ }).waitFor();
      assertEquals(await page.getByLabel("Name").inputValue(), "Made by hand");
      if (javaScriptEnabled) assertEquals(await axeFaults(page), []);
      await page.getByRole("button", { name: "Save draft" }).click();
      await page.getByText("The draft is saved.").waitFor();
      const plan = (await runtime.services.plans.plan(`${planId}@1`))?.value;
      assertEquals(plan?.status, "draft");
      const price = plan?.meters[0]?.price;
      assert(price?.model === "graduated");
      assertEquals(price.tiers.map(({ upTo }) => upTo), [1_000n, null]);
    }, { javaScriptEnabled });
  });

  browserTest(
    `a version goes from draft over dry run and publish to its tenants, ${how}`,
    async () => {
      const { baseUrl, runtime, signIn } = await app();
      const { services } = runtime;
      const life = `life_${planId}`;
      await publish(life);
      const tenants = ["a", "b", "c"].map((letter) => `tn_${planId}_${letter}`);
      for (const [at, tenantId] of tenants.entries()) {
        await (await app()).tenant(tenantId, `Desk ${tenantId}`);
        await changeTenant(runtime, tenantId, () => ({ planRevision: `${life}@1` }));
        // 10 cents a unit now; then 5 cents and a fee: who uses little pays more.
        await useUnits(runtime, {
          tenantId,
          meter: "risk_score",
          units: [10n, 5_000n, 100n][at] ?? 0n,
        });
      }
      await services.engine.folder.foldOwn();
      await withPage(async (page) => {
        await signIn(page);
        await page.goto(`${baseUrl}/operator/plans/${life}/edit`);
        await page.getByLabel("Base fee").fill("5");
        await page.getByLabel("Price of a unit").fill("0.05");
        await page.getByRole("button", { name: "Save draft" }).click();
        await page.getByText("The draft is saved.").waitFor();
        const changed = page.getByRole("region", { name: "What changed" });
        assertStringIncludes(await changed.innerText(), "Base fee");
        await page.getByRole("row", { name: /@2.*draft/ }).waitFor();
        await page.getByRole("row", { name: /@1.*published/ }).waitFor();
        assertEquals(await page.getByRole("button", { name: /^Publish/ }).count(), 0);

        await page.getByRole("button", { name: "Replay over past usage" }).click();
        await page.getByRole("heading", { level: 1, name: `Dry run of ${life}@2` }).waitFor();
        await page.getByRole("img", { name: "Of 3 tenants, 1 pay less, 1 the same, 1 more" })
          .waitFor();
        const rows = page.locator("tbody tr");
        assertEquals(await rows.count(), 3);
        assertStringIncludes(await rows.first().innerText(), tenants[1] ?? "");
        assertStringIncludes(await rows.first().innerText(), "-$245.00");
        assertEquals(await rows.first().locator("svg rect.s0").count(), 1);
        if (javaScriptEnabled) assertEquals(await axeFaults(page), []);

        await page.getByRole("button", { name: `Publish ${life}@2` }).first().click();
        await page.getByLabel(/^Type/).fill(`${life}@2`);
        await page.getByRole("button", { name: "Publish", exact: true }).click();
        await page.getByText("The version is published.").waitFor();
        for (const tenantId of tenants) {
          const tenant = await services.tenants.tenant(tenantId);
          assertEquals(tenant?.value.planRevision, `${life}@1`, "publishing moves nobody");
        }

        await page.goto(`${baseUrl}/operator/plans/${life}/migrate?from=${life}@1`);
        await page.getByText(`0 of 3 tenants are on ${life}@2`).waitFor();
        const quiet = page.getByRole("row", { name: new RegExp(tenants[0] ?? "") });
        assertStringIncludes(await quiet.innerText(), "$1.00");
        assertStringIncludes(await quiet.innerText(), "$5.50");
        await quiet.getByRole("checkbox").uncheck();
        await page.getByRole("button", { name: "Move the chosen tenants" }).click();
        await page.getByText(`2 of 3 tenants are on ${life}@2`).waitFor();
        assertEquals(await page.getByText("moved", { exact: true }).count(), 2);
        assertEquals(
          (await services.tenants.tenant(tenants[0] ?? ""))?.value.planRevision,
          `${life}@1`,
        );
        await page.getByRole("button", { name: "Move the chosen tenants" }).click();
        await page.getByText(`No tenant is on ${life}@1 any more`).waitFor();
        await page.goto(`${baseUrl}/operator/plans/${life}/migrate?from=${life}@2`);
        await page.waitForURL(`${baseUrl}/operator/plans/${life}`);
        assertEquals(
          (await services.tenants.tenant(tenants[0] ?? ""))?.value.planRevision,
          `${life}@2`,
        );
      }, { javaScriptEnabled });
    },
  );
}

browserTest(
  "a ladder that overlaps or is not open can't be saved, by button or by hand",
  async () => {
    const { baseUrl, runtime, signIn } = await app();
    await publish("ladders");
    await withPage(async (page) => {
      await signIn(page);
      await page.goto(`${baseUrl}/operator/plans/ladders/edit`);
      await page.getByLabel("Price model").selectOption("graduated");
      await page.getByRole("button", { name: /Show its fields/ }).click();
      for (let tier = 0; tier < 2; tier++) {
        await page.getByRole("button", { name: /Add a tier/ }).click();
      }
      await page.getByLabel("Tier 1, up to").fill("900");
      await page.getByLabel("Tier 2, up to").fill("400");
      await page.getByRole("button", { name: "Save draft" }).click();
      assertEquals(await page.locator("input:invalid").count(), 1, "the browser stops it first");

      // What a page without that check, or a person by hand, would send.
      const faults: readonly (readonly [Readonly<Record<string, string>>, string, string])[] = [
        [{}, "Tier 2 ends at 400, not above 900 where it begins", "400"],
        [{ "m0-t1-upTo": "900" }, "Tier 2 ends at 900, not above 900 where it begins", "900"],
        [{ "m0-t1-upTo": "" }, "Tier 2 is open, so tier 3 can never be reached", ""],
        [{ "m0-t1-upTo": "1200", "m0-t2-upTo": "5000" }, "it must be open", "1200"],
        [{ "m0-t1-upTo": "12e2" }, "A whole number, no sign", "12e2"],
        [{ "m0-t1-upTo": "-5" }, "A whole number, no sign", "-5"],
        [{ "m0-t1-upTo": "1200", "m0-t1-unit": "-1" }, "", "1200"],
        [{ "m0-t1-upTo": "1200", "m0-included": "" }, "A whole number, no sign", "1200"],
      ];
      for (const [typed, said, kept] of faults) {
        const reply = await sendDraft(page, typed);
        const where = JSON.stringify(typed);
        assertEquals(reply.status, 422, where);
        assertStringIncludes(reply.text, said, where);
        assertStringIncludes(reply.text, "Nothing was saved", where);
        const input = /<input[^>]*name="m0-t1-upTo"[^>]*>/.exec(reply.text)?.[0] ?? "";
        assertStringIncludes(input, `value="${kept}"`, where);
      }
      const versions = await runtime.services.plans.plans("ladders");
      assertEquals(versions.map(({ planRevision }) => planRevision), ["ladders@1"]);
    });
  },
);

browserTest(
  "two operators on one draft: the later is told, and nothing is overwritten",
  async () => {
    const { baseUrl, runtime, signIn } = await app();
    await publish("shared");
    const description = async () =>
      (await runtime.services.plans.plan("shared@2"))?.value.description;
    await withPage(async (page) => {
      await signIn(page);
      const other = await strangersPage(page);
      await signIn(other, SECOND);
      for (const one of [page, other]) await one.goto(`${baseUrl}/operator/plans/shared/edit`);
      await other.getByLabel("Description").fill("Theirs");
      await other.getByRole("button", { name: "Save draft" }).click();
      await other.getByText("The draft is saved.").waitFor();
      await page.getByLabel("Description").fill("Mine");
      await page.getByRole("button", { name: "Save draft" }).click();
      await page.getByText("Somebody else saved this plan meanwhile").waitFor();
      assertEquals(await page.getByLabel("Description").inputValue(), "Mine");
      assertEquals(await description(), "Theirs");
      await page.getByRole("button", { name: "Save draft" }).click();
      await page.getByText("The draft is saved.").waitFor();
      assertEquals(await description(), "Mine");

      await page.goto(`${baseUrl}/operator/plans/new`);
      await page.getByLabel("Plan id").fill("shared");
      await page.getByLabel("Name").fill("Another");
      for (let tries = 0; tries < 2; tries++) {
        await page.getByRole("button", { name: "Save draft" }).click();
        await page.getByText("There is a plan with this id already").first().waitFor();
      }
      assertEquals(await description(), "Mine");
    });
  },
);

browserTest(
  "a draft is published by a dry run of exactly its terms, and by the typed word",
  async () => {
    const { baseUrl, runtime, signIn } = await app();
    const { services } = runtime;
    await publish("gated");
    const status = async () => (await services.plans.plan("gated@2"))?.value.status;
    await withPage(async (page) => {
      await signIn(page);
      const edit = async (fee: string) => {
        await page.goto(`${baseUrl}/operator/plans/gated/edit`);
        await page.getByLabel("Base fee").fill(fee);
        await page.getByRole("button", { name: "Save draft" }).click();
        await page.getByText("The draft is saved.").waitFor();
      };
      await edit("20");
      await page.getByRole("button", { name: "Replay over past usage" }).click();
      await page.getByText("No tenant is on this plan").waitFor();
      const dryRun = page.url();
      await edit("2000");
      await page.goto(dryRun);
      await page.getByRole("button", { name: "Publish gated@2" }).first().click();
      await page.getByLabel(/^Type/).fill("gated@2");
      await page.getByRole("button", { name: "Publish", exact: true }).click();
      await page.getByText("Not published: that dry run is of older terms").waitFor();
      assertEquals(await status(), "draft");

      await page.goto(dryRun);
      const token = await page.locator('input[name="csrf_token"]').first().getAttribute("value");
      for (const form of [{ confirmation: "gated" }, { confirmation: "gated@2", dryRun: "" }]) {
        await page.request.post(`${baseUrl}/operator/plans/gated`, {
          headers: { origin: baseUrl },
          form: { csrf_token: token ?? "", act: "publish", revision: "gated@2", ...form },
        });
        assertEquals(await status(), "draft");
      }
      await page.goto(`${baseUrl}/operator/plans/gated`);
      await page.getByRole("button", { name: /Archive.*gated@1/ }).first().click();
      await page.getByLabel(/^Type/).fill("gated@1");
      await page.getByRole("button", { name: "Archive this version" }).click();
      await page.getByText("The version is archived.").waitFor();
    });
  },
);

browserTest("versions are compared with each other, and hostile texts stay inert", async () => {
  const { baseUrl, runtime: { services }, signIn } = await app();
  await publish("hostile");
  await withPage(async (page, problems) => {
    let dialogs = 0;
    page.on("dialog", (dialog) => {
      dialogs += 1;
      return dialog.dismiss();
    });
    await signIn(page);
    await page.setViewportSize({ width: 390, height: 844 });
    for (const name of HOSTILE_NAMES) {
      const plan = await services.plans.plan("hostile@1");
      assert(plan !== null);
      const named = { ...plan.value, name, description: name };
      await services.plans.putPlan(named, plan.versionstamp);
      for (const path of ["", "/hostile", "/hostile/edit", "/hostile/migrate?from=hostile@1"]) {
        await page.goto(`${baseUrl}/operator/plans${path}`);
        const where = `${path} with ${JSON.stringify(name)}`;
        assertEquals(await page.locator("h1").count(), 1, where);
        assertEquals(await page.locator('img[src="x"], main script, main style').count(), 0, where);
        assert(await overflow(page) <= 0, where);
      }
    }
    assertEquals(dialogs, 0);
    assertEquals(problems, []);
    for (const path of ["/nothing", "/nothing/edit", "/hostile/migrate", "/hostile/dry-runs/x"]) {
      const reply = await page.request.get(`${baseUrl}/operator/plans${path}`);
      assertEquals(reply.status(), 404, path);
    }
  });
});

/** A published first version: a unit costs ten cents, nothing else. */
async function publish(planId: string): Promise<void> {
  const { runtime: { services } } = await app();
  await services.plans.putPlan({
    planId,
    revision: 1,
    planRevision: `${planId}@1`,
    name: `Plan ${planId}`,
    description: "",
    currency: "usd",
    interval: "month",
    baseFee: 0n,
    minimumCommitment: 0n,
    meters: [{
      meter: "risk_score",
      price: { model: "per_unit", unitAmount: 10n * 10n ** 12n },
      includedUnits: 0n,
      quota: null,
    }],
    features: ["batch"],
    limits: { requestsPerSecond: 50, burst: 100 },
    graceDays: 7,
    status: "published",
    createdAtMs: 0,
  }, null);
}

/** The editor's form with some fields typed over, past the browser's own checks. */
async function sendDraft(
  page: Page,
  typed: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly text: string }> {
  const fields = await page.evaluate<[string, string][]>(
    `[...new FormData(document.querySelector('form:has(input[name="base"])'))]`,
  );
  const form = new URLSearchParams(fields);
  for (const [name, value] of Object.entries(typed)) form.set(name, value);
  form.set("do", "save");
  const { origin } = new URL(page.url());
  const action = await page.locator('form:has(input[name="base"])').getAttribute("action");
  const reply = await page.request.post(origin + action, {
    headers: { origin, "content-type": "application/x-www-form-urlencoded" },
    data: form.toString(),
  });
  return { status: reply.status(), text: await reply.text() };
}
