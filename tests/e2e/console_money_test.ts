/** The console's money pages: each page and act of them in a real browser, on the whole app. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { adjustMoney } from "@/lib/billing/adjust.ts";
import { startReconcile } from "@/lib/billing/reconcile_run.ts";
import type { OutboxEntry } from "@/lib/domain/outbox.ts";
import { correctUnits } from "@/lib/metering/correct_units.ts";
import { ProviderError } from "@/lib/ports/billing_provider.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { must } from "../support/api_world.ts";
import { browserTest, type Page, strangersPage, withPage } from "../support/browser.ts";
import {
  APRIL,
  MAY,
  type MoneyScene,
  NORTH,
  SOUTH,
  startMoneyScene,
} from "../support/money_scene.ts";
import { axeFaults, overflow } from "../support/page_checks.ts";

const ADA = "ada@example.com";
const MONEY = `/operator/tenants/${NORTH}/money`;
const APRIL_CLOSE = `/operator/closes/${NORTH}/${APRIL}`;

let started: Promise<MoneyScene> | null = null;

/** One app for all tests of this file: building it takes longer than any of them. */
function app(): Promise<MoneyScene> {
  started ??= startMoneyScene();
  return started;
}

globalThis.addEventListener("unload", () => {
  started?.then((scene) => scene[Symbol.asyncDispose]());
});

function by(id: string): Act {
  return { actor: { kind: "operator", id }, ip: null, requestId: "req_test" };
}

/** A browser of an operator; fails on what the page's console or content policy says. */
async function atDesk(
  use: (page: Page, scene: MoneyScene) => Promise<void>,
  { javaScriptEnabled = true } = {},
): Promise<void> {
  const scene = await app();
  await withPage(async (page, problems) => {
    await scene.signIn(page);
    await use(page, scene);
    // A form that comes back is a 422, or a 403 or 409 to send again; the browser notes each.
    assertEquals(problems.filter((problem) => !/403|409|422/.test(problem)), []);
  }, { javaScriptEnabled });
}

/** The same, once with a script and once without. */
function eitherWay(name: string, use: (page: Page, scene: MoneyScene) => Promise<void>): void {
  browserTest(`${name}, with a script`, () => atDesk(use));
  browserTest(`${name}, without a script`, () => atDesk(use, { javaScriptEnabled: false }));
}

function held(scene: MoneyScene): Promise<OutboxEntry> {
  return scene.entry({ state: "held", reason: "meter_event_customer_not_found", attempts: 1 });
}

/** Last tried just now, so the summary decides within the hour. */
function doubtful(scene: MoneyScene): Promise<OutboxEntry> {
  const nowMs = scene.clock.nowMs();
  return scene.entry({
    state: "doubtful",
    reason: "older_than_identifier_window",
    attempts: 3,
    firstAttemptAtMs: nowMs,
    lastAttemptAtMs: nowMs,
    nextAttemptAtMs: nowMs + 3_600_000,
  });
}

async function stateOf({ runtime }: MoneyScene, { entryId }: OutboxEntry) {
  const found = await runtime.services.outboxActions.outbox.find(entryId);
  return [found?.value.state, found?.value.decision?.author, found?.value.decision?.reason];
}

/** Leaves the judgement of a form to the server. */
async function withoutValidation(page: Page): Promise<void> {
  await page.evaluate("for (const form of document.forms) form.noValidate = true");
}

browserTest(
  "every money page is accessible, quiet and in its width, in both themes",
  async () => {
    const scene = await app();
    const { runtime: { services } } = scene;
    const pending = must(
      await adjustMoney(services.billing, {
        tenantId: NORTH,
        amountMinor: -250_000n,
        note: "Goodwill <b>&</b> \u202Eyas",
        createdBy: ADA,
        act: by(ADA),
      }),
    );
    const deps = { ...services.billing, audit: services.audit };
    const { run, ended } = must(await startReconcile(deps, { act: by(ADA) }));
    await ended;
    await scene.checkPages([
      "/operator/outbox",
      "/operator/outbox?state=confirmed",
      "/operator/outbox?tenant=tn_nobody",
      `/operator/outbox/${(await held(scene)).entryId}`,
      `/operator/outbox/${(await doubtful(scene)).entryId}`,
      "/operator/books",
      "/operator/books?show=differ",
      `/operator/books?show=outstanding&tenant=${SOUTH}`,
      "/operator/reconcile",
      `/operator/reconcile/${run.runId}`,
      `/operator/reconcile/${run.runId}?show=differ&tenant=${SOUTH}`,
      "/operator/closes",
      "/operator/closes?state=waiting",
      "/operator/closes?state=all",
      APRIL_CLOSE,
      "/operator/approvals",
      MONEY,
      `${MONEY}?gaps=1`,
      `${MONEY}?decide=${pending.adjustmentId}`,
      `/operator/tenants/${SOUTH}/money?period=${APRIL}`,
    ]);
  },
);

eitherWay("the outbox is filtered by state and tenant, and says why it is empty", async (
  page,
  { baseUrl, runtime: { services } },
) => {
  await page.goto(`${baseUrl}/operator/outbox`);
  await page.getByRole("navigation", { name: "State" }).getByRole("link", { name: /^sent/ })
    .click();
  await page.waitForURL(/state=sent/);
  await page.getByRole("row", { name: /12,250/ }).waitFor();
  await page.getByLabel("Tenant id").fill(SOUTH);
  await page.getByRole("button", { name: "Show" }).click();
  await page.waitForURL(/state=sent.*tenant=tn_south|tenant=tn_south.*state=sent/);
  await page.getByText("No entry is sent").waitFor();
  await page.goto(`${baseUrl}/operator/outbox?tenant=${SOUTH}`);
  await page.getByText("Nothing waits for a person").waitFor();
  await page.getByRole("row", { name: /The tenant has no customer at Stripe yet/ }).waitFor();
  const { outbox } = await services.usage.pipeline();
  assertEquals(outbox.sent.entries > 0, true);
});

eitherWay("a held entry is sent again, with who and why in its history", async (page, scene) => {
  const entry = await held(scene);
  await page.goto(`${scene.baseUrl}/operator/outbox?state=held`);
  await page.getByRole("row", { name: new RegExp(entry.entryId) }).getByRole("link").first()
    .click();
  await page.getByText("Held: a person has to decide").waitFor();
  assertStringIncludes(
    await page.getByRole("region", { name: "Evidence" }).innerText(),
    "none: they did not arrive",
  );
  const form = page.getByRole("form", { name: "Send again" });
  await form.getByLabel("Reason").fill("The customer is back");
  await form.getByRole("button", { name: "Send again" }).click();
  await page.getByText("The entry goes out again.").waitFor();
  assertEquals(await stateOf(scene, entry), ["ready", "operator", "The customer is back"]);
  await page.getByRole("row", { name: /Sent again by a person.*The customer is back/ }).waitFor();
});

eitherWay("units are written off only after the word was typed, and a reason given", async (
  page,
  scene,
) => {
  const entry = await held(scene);
  await page.goto(`${scene.baseUrl}/operator/outbox/${entry.entryId}`);
  await withoutValidation(page);
  const form = page.getByRole("form", { name: "Write off" });
  await form.getByLabel("Reason").fill("Older than Stripe takes");
  await form.getByLabel(/Type/).fill("write of");
  await form.getByRole("button", { name: "Write off" }).click();
  await form.getByText("the confirmation did not match").waitFor();
  assertEquals(await form.getByLabel("Reason").inputValue(), "Older than Stripe takes");
  assertEquals((await stateOf(scene, entry))[0], "held");
  await form.getByLabel("Reason").fill("");
  await form.getByLabel(/Type/).fill("write off");
  await withoutValidation(page);
  await form.getByRole("button", { name: "Write off" }).click();
  await form.getByText("Give an author and a reason").waitFor();
  await form.getByLabel("Reason").fill("Older than Stripe takes");
  await form.getByLabel(/Type/).fill("write off");
  await form.getByRole("button", { name: "Write off" }).click();
  await page.getByText("The units are written off").waitFor();
  assertEquals(await stateOf(scene, entry), [
    "written_off",
    "operator",
    "Older than Stripe takes",
  ]);
  assertEquals(await page.getByRole("form", { name: /Send again|Settle|Write off/ }).count(), 0);
});

eitherWay("a doubt is settled by Stripe's word about the entry's own minute", async (
  page,
  scene,
) => {
  const [there, absent] = [await doubtful(scene), await doubtful(scene)];
  await scene.arrive(there);
  const settle = async (entry: OutboxEntry, said: string, button: string) => {
    await page.goto(`${scene.baseUrl}/operator/outbox/${entry.entryId}`);
    await page.getByText("Nobody knows whether Stripe has these units").waitFor();
    assertStringIncludes(await page.locator("main").innerText(), "decided by itself at");
    assertStringIncludes(
      await page.getByRole("region", { name: "Evidence" }).innerText(),
      said,
    );
    const form = page.getByRole("form", { name: "Settle the doubt" });
    await form.getByLabel("Reason").fill("Seen in the dashboard");
    await form.getByRole("button", { name: button }).click();
    await page.getByText("The doubt is settled as you said.").waitFor();
  };
  await settle(there, "the same: they arrived", "Stripe has them");
  assertEquals((await stateOf(scene, there))[0], "sent");
  await settle(absent, "none so far; it may lag", "Stripe has not: send again");
  assertEquals((await stateOf(scene, absent))[0], "ready");
});

browserTest("without Stripe's answer the entry still shows, and says so", async () => {
  await atDesk(async (page, scene) => {
    const entry = await doubtful(scene);
    const { provider } = scene.runtime.services.billing;
    const { summaries } = provider;
    Object.assign(provider, {
      summaries: () => Promise.reject(new ProviderError("down", "Connection refused")),
    });
    try {
      await page.goto(`${scene.baseUrl}/operator/outbox/${entry.entryId}`);
      await page.getByText("Stripe does not answer").waitFor();
      assertStringIncludes(await page.locator("main").innerText(), "Connection refused");
      assertEquals(await axeFaults(page), []);
    } finally {
      Object.assign(provider, { summaries });
    }
    await page.getByRole("link", { name: "Ask again" }).click();
    await page.getByText("none so far; it may lag").waitFor();
  });
});

browserTest(
  "of two operators at one entry the second is told, and overwrites nothing",
  async () => {
    await atDesk(async (page, scene) => {
      const entry = await held(scene);
      const address = `${scene.baseUrl}/operator/outbox/${entry.entryId}`;
      const second = await strangersPage(page);
      await scene.signIn(second, ADA);
      for (const one of [page, second]) {
        await one.goto(address);
        await one.getByRole("form", { name: "Send again" }).getByLabel("Reason").fill("Try it");
      }
      await second.getByRole("button", { name: "Send again" }).click();
      await second.getByText("The entry goes out again.").waitFor();
      await page.getByRole("button", { name: "Send again" }).click();
      await page.getByText("Somebody else changed this in between").waitFor();
      assertEquals(await stateOf(scene, entry), ["ready", ADA, "Try it"]);
      await second.context().close();
    });
  },
);

browserTest(
  "an act on money asks anew who one is, and keeps what was typed meanwhile",
  async () => {
    await atDesk(async (page, scene) => {
      const entry = await held(scene);
      const address = `${scene.baseUrl}/operator/outbox/${entry.entryId}`;
      await page.goto(address);
      scene.clock.advance(10 * 60_000);
      const form = page.getByRole("form", { name: "Write off" });
      await form.getByLabel("Reason").fill("Too old");
      await form.getByLabel(/Type/).fill("write off");
      await form.getByRole("button", { name: "Write off" }).click();
      await page.getByRole("heading", { name: "Prove that it is you" }).waitFor();
      assertEquals((await stateOf(scene, entry))[0], "held");
      const opened = page.waitForEvent("popup");
      await page.getByRole("link", { name: "Sign in in a new tab" }).click();
      const tab = await opened;
      await tab.getByText("This needs a fresh proof").waitFor();
      await tab.getByLabel("Operator token").fill(scene.operatorToken);
      await tab.getByRole("button", { name: /^Sign in/ }).first().click();
      await tab.waitForURL(`${scene.baseUrl}/operator`);
      await tab.close();
      // Once against the ended session, which gives the form its new token, then for good.
      await page.getByRole("button", { name: "Send it again" }).click();
      await page.getByText("The form was made before you signed in").waitFor();
      await page.getByRole("button", { name: "Send it again" }).click();
      await page.getByText("The units are written off").waitFor();
      assertEquals((await stateOf(scene, entry))[0], "written_off");
    });
  },
);

eitherWay("the books show where every unit is, and are counted again on request", async (
  page,
  scene,
) => {
  await page.goto(`${scene.baseUrl}/operator/books`);
  await page.getByRole("button", { name: "Count again" }).click();
  await page.getByText("The books were counted again.").waitFor();
  assertStringIncludes(await page.locator("main").innerText(), "The books balance.");
  const row = page.getByRole("row", { name: new RegExp(`${NORTH}.*Risk score.*${APRIL}`) });
  assertStringIncludes(await row.innerText(), "12,250");
  await page.getByRole("link", { name: /^Something outstanding/ }).click();
  await page.waitForURL(/show=outstanding/);
  assertEquals(await row.count(), 0);
  await page.getByRole("row", { name: new RegExp(SOUTH) }).waitFor();
  await page.getByRole("link", { name: /^Differ/ }).click();
  await page.getByText("Every line adds up").waitFor();
  await page.goto(`${scene.baseUrl}/operator/books`);
  await page.getByLabel("Tenant id").fill(SOUTH);
  await page.getByLabel("Billing period").selectOption(MAY);
  await page.getByRole("button", { name: "Show" }).click();
  await page.waitForURL(/tenant=tn_south/);
  assertEquals(await page.getByRole("row", { name: new RegExp(NORTH) }).count(), 0);
});

/** Holds what Stripe is asked for sums until it is let go. */
function slowStripe({ runtime }: MoneyScene): { readonly letGo: () => void } {
  const { provider } = runtime.services.billing;
  const { summaries } = provider;
  let letGo = () => {};
  const gate = new Promise<void>((resolve) => letGo = resolve);
  Object.assign(provider, {
    summaries: async (query: Parameters<typeof summaries>[0]) => {
      await gate;
      return await summaries(query);
    },
  });
  return {
    letGo: () => {
      Object.assign(provider, { summaries });
      letGo();
    },
  };
}

eitherWay("a comparison shows how far it is until its report is there", async (page, scene) => {
  await page.goto(`${scene.baseUrl}/operator/reconcile`);
  await page.getByLabel("Only this tenant id").fill("tn_nobody");
  await page.getByRole("button", { name: "Compare now" }).click();
  await page.getByText("There is no tenant tn_nobody").waitFor();
  assertEquals(await page.getByLabel("Only this tenant id").inputValue(), "tn_nobody");
  await page.getByLabel("Only this tenant id").fill("");
  const stripe = slowStripe(scene);
  try {
    await page.getByRole("button", { name: "Compare now" }).click();
    await page.getByText("A comparison is under way").waitFor();
    await page.getByRole("progressbar", { name: "Tenants compared" }).waitFor();
    assertStringIncludes(await page.locator("main").innerText(), "0 of 2 tenants");
    assertEquals(await page.getByRole("button", { name: "Compare now" }).count(), 0);
  } finally {
    stripe.letGo();
  }
  // Nobody touches the page: a script follows a stream, and without one the page reads itself again.
  await page.getByText("The last comparison is through").waitFor();
  await page.getByRole("link", { name: "Open its report" }).click();
  await page.getByRole("row", { name: /tn_north.*Compliance.*480.*483.*-3/ }).waitFor();
  await page.getByRole("link", { name: "Only differences" }).click();
  await page.waitForURL(/show=differ/);
  assertEquals(await page.getByRole("row", { name: /12,250/ }).count(), 0);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "CSV" }).click(),
  ]);
  const csv = await Deno.readTextFile(await download.path());
  assertStringIncludes(csv, `${NORTH},compliance,${APRIL},480,483,,0,0,0,0,-3`);
});

browserTest("a second start shows the comparison that is under way", async () => {
  await atDesk(async (page, scene) => {
    const second = await strangersPage(page);
    await scene.signIn(second, ADA);
    for (const one of [page, second]) await one.goto(`${scene.baseUrl}/operator/reconcile`);
    const before = await scene.runtime.services.billing.store.reports(200);
    const stripe = slowStripe(scene);
    try {
      await page.getByRole("button", { name: "Compare now" }).click();
      await page.getByText("A comparison is under way").waitFor();
      await second.getByRole("button", { name: "Compare now" }).click();
      await second.getByText("A comparison is under way already").waitFor();
      assertEquals(await axeFaults(page), []);
      assert(await overflow(page) <= 0);
    } finally {
      stripe.letGo();
    }
    await page.getByText("The last comparison is through").waitFor();
    const after = await scene.runtime.services.billing.store.reports(200);
    assertEquals(after.length, before.length + 1);
    await second.context().close();
  });
});

eitherWay("money is adjusted after its bill was shown, and once however often it is sent", async (
  page,
  scene,
) => {
  const { store } = scene.runtime.services.billing;
  const before = (await store.adjustments(NORTH, MAY)).length;
  const note = `Outage number ${before}`;
  await page.goto(scene.baseUrl + MONEY);
  const form = page.getByRole("form", { name: "Adjust the bill" });
  await form.getByLabel(/^Amount/).fill("-1.005");
  await form.getByLabel("Reason").fill(note);
  await form.getByRole("button").click();
  await form.getByText("finer than the smallest coin").waitFor();
  assertEquals(await form.getByLabel("Reason").inputValue(), note);
  await form.getByLabel(/^Amount/).fill("−12.50");
  await form.getByRole("button").click();
  const card = page.getByRole("region", { name: "Adjust the bill?" });
  await card.getByRole("row", { name: new RegExp(`${note}.*-\\$12\\.50.*-\\$12\\.50`) }).waitFor();
  assertEquals((await store.adjustments(NORTH, MAY)).length, before, "nothing is done yet");
  const credit = page.getByRole("form", { name: "Grant a credit" });
  assertEquals(await form.getByLabel(/^Amount/).inputValue(), "-12.50");
  assertEquals(await credit.getByLabel(/^Amount/).inputValue(), "", "it was typed elsewhere");
  const fields: Record<string, string> = {};
  for (const input of await card.locator("form input").all()) {
    fields[await input.getAttribute("name") ?? ""] = await input.inputValue();
  }
  await card.getByRole("button", { name: "Confirm" }).click();
  await page.getByText("The adjustment is on the statement of its period.").waitFor();
  const again = await page.request.post(scene.baseUrl + MONEY, {
    form: fields,
    headers: { origin: scene.baseUrl },
    maxRedirects: 0,
  });
  assertEquals(again.status(), 303);
  assertEquals((await store.adjustments(NORTH, MAY)).length, before + 1);
});

eitherWay("a credit is granted, and units are corrected, after their bills were shown", async (
  page,
  scene,
) => {
  await page.goto(scene.baseUrl + MONEY);
  const credit = page.getByRole("form", { name: "Grant a credit" });
  await credit.getByLabel("Name").fill("Welcome back");
  await credit.getByLabel(/^Amount/).fill("1.50");
  await credit.getByLabel("Good until").fill("2026-12-31");
  await credit.getByRole("button").click();
  await page.getByRole("region", { name: "Grant this credit?" })
    .getByRole("row", { name: /Prepaid credits/ }).waitFor();
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByText("The credit is granted.").waitFor();
  await page.getByRole("row", {
    name: /Welcome back.*\$1\.50.*Dec 31|Welcome back.*\$1\.50.*Jan 1/,
  })
    .first().waitFor();

  const correction = page.getByRole("form", { name: "Correct units" });
  await correction.getByLabel("Which units").selectOption(
    JSON.stringify([MAY, "risk_score", "growth@1"]),
  );
  await correction.getByLabel("Units", { exact: true }).fill("-1,000");
  await correction.getByLabel("Reason").fill("Counted twice");
  await correction.getByRole("button").click();
  await page.getByRole("region", { name: "Correct the units?" })
    .getByRole("row", { name: /Risk score/ }).waitFor();
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByText("The correction is in the outbox.").waitFor();
  await page.getByRole("row", { name: /Counted twice.*-1,000.*applied/ }).first().waitFor();
});

eitherWay("what is too large waits for a second person, who sees what it does", async (
  page,
  scene,
) => {
  const { services } = scene.runtime;
  await page.goto(scene.baseUrl + MONEY);
  const form = page.getByRole("form", { name: "Adjust the bill" });
  await form.getByLabel(/^Amount/).fill("1000.01");
  await form.getByLabel("Reason").fill("Set-up by hand");
  await form.getByRole("button").click();
  await page.getByText("A second person has to approve it", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Propose it" }).click();
  await page.getByText("It waits for a second person.").waitFor();

  await page.goto(`${scene.baseUrl}/operator`);
  await page.getByRole("link", { name: /wait for a second person|waits for a second person/ })
    .click();
  await page.waitForURL(/\/operator\/approvals/);
  const row = page.getByRole("row", { name: /Set-up by hand/ });
  await row.getByRole("link", { name: /Look and decide/ }).click();
  await page.getByText("You proposed this").waitFor();
  assertEquals(await page.getByRole("button", { name: "Approve" }).count(), 0);

  const second = await strangersPage(page);
  await scene.signIn(second, ADA);
  await second.goto(`${scene.baseUrl}/operator/approvals`);
  await second.getByRole("row", { name: /Set-up by hand/ })
    .getByRole("link", { name: /Look and decide/ }).click();
  await second.getByRole("row", { name: /Set-up by hand.*\$1,000\.01/ }).first().waitFor();
  await second.getByRole("button", { name: "Approve" }).click();
  await second.getByText("The adjustment is on the statement of its period.").waitFor();
  await page.getByRole("button", { name: "Take it back" }).click();
  await page.getByText("This was decided in between").waitFor();
  const [stored] = (await services.billing.store.adjustments(NORTH, MAY))
    .filter(({ note, state }) => note === "Set-up by hand" && state === "applied").reverse();
  assertEquals([stored?.state, stored?.createdBy, stored?.approver], ["applied", "operator", ADA]);
  await second.context().close();
});

browserTest("what is to be confirmed is accessible and in its width, in both themes", async () => {
  await atDesk(async (page, scene) => {
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.goto(scene.baseUrl + MONEY);
    const form = page.getByRole("form", { name: "Adjust the bill" });
    await form.getByLabel(/^Amount/).fill("-2000");
    await form.getByLabel("Reason").fill("Outage");
    await form.getByRole("button").click();
    await page.getByRole("region", { name: "Adjust the bill?" }).waitFor();
    for (const [colorScheme, width] of [["light", 1280], ["dark", 390]] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      assertEquals(await axeFaults(page), [], colorScheme);
      assert(await overflow(page) <= 0, `wider than ${width} px`);
    }
  });
});

browserTest("a large correction is approved or refused by whoever did not propose it", async () => {
  await atDesk(async (page, scene) => {
    const { services } = scene.runtime;
    const deps = { ...services.corrections, plans: services.plans, audit: services.audit };
    const line = {
      tenantId: NORTH,
      meter: "risk_score",
      planRevision: "growth@1",
      periodId: MAY,
      act: by(ADA),
    };
    must(await correctUnits({ ...line, units: 20_000n, reason: "Import was lost" }, deps));
    must(await correctUnits({ ...line, units: -20_000n, reason: "A mistake" }, deps));
    const decide = async (reason: string, button: string, word: string) => {
      await page.goto(`${scene.baseUrl}/operator/approvals`);
      await page.getByRole("row", { name: new RegExp(reason) })
        .getByRole("link", { name: /Look and decide/ }).click();
      await page.getByRole("region", { name: "This waits for a decision" })
        .getByRole("row", { name: /Risk score/ }).waitFor();
      await page.getByRole("button", { name: button }).click();
      await page.getByText(word).waitFor();
    };
    await decide("Import was lost", "Approve", "The correction is in the outbox.");
    await decide("A mistake", "Refuse", "The correction is refused; no unit changes.");
    const found = await services.corrections.corrections.list({ tenantId: NORTH, limit: 5 });
    const states = new Map(found.map(({ reason, state, approver }) => [reason, [state, approver]]));
    assertEquals(states.get("Import was lost"), ["applied", "operator"]);
    assertEquals(states.get("A mistake"), ["refused", "operator"]);
  });
});

browserTest(
  "a held close says why, is tried again, and is released over what was read",
  async () => {
    await atDesk(async (page, scene) => {
      const { services } = scene.runtime;
      await page.goto(`${scene.baseUrl}/operator/closes`);
      await page.getByRole("row", { name: new RegExp(NORTH) }).getByRole("link", { name: APRIL })
        .click();
      await page.getByText("Why the draft is held").waitFor();
      const theirs = await page.getByRole("region", { name: "Stripe’s invoice" }).innerText();
      assertStringIncludes(theirs, "483 units");
      assertStringIncludes(theirs, "draft");
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByText("The close was tried again.").waitFor();
      assertStringIncludes(await page.locator("main").innerText(), "ledger 480, Stripe 483");

      const form = page.getByRole("form", { name: "Release" });
      await form.getByLabel("Reason").fill("Agreed with the tenant");
      await form.getByLabel(/Type/).fill("yes");
      await withoutValidation(page);
      await form.getByRole("button", { name: "Release the invoice" }).click();
      await form.getByText("the confirmation did not match").waitFor();
      assertEquals(await form.getByLabel("Reason").inputValue(), "Agreed with the tenant");

      const close = await services.billing.store.periodClose(NORTH, APRIL);
      assert(close !== null);
      const moved = { ...close.value, reasons: close.value.reasons.slice(0, 1) };
      await services.billing.store.putPeriodClose(moved, close.versionstamp);
      await form.getByLabel(/Type/).fill("release");
      await form.getByRole("button", { name: "Release the invoice" }).click();
      await page.getByText("Somebody else changed this in between").waitFor();
      assertEquals((await services.billing.store.periodClose(NORTH, APRIL))?.value.state, "held");

      await form.getByLabel("Reason").fill("Agreed with the tenant");
      await form.getByLabel(/Type/).fill("release");
      await form.getByRole("button", { name: "Release the invoice" }).click();
      await page.getByText("The invoice is released, with your reason on record.").waitFor();
      await page.getByText("Released by a person over these differences").waitFor();
      assertStringIncludes(await page.locator("main").innerText(), "Agreed with the tenant");
      assertEquals(await axeFaults(page), []);
      await page.goto(`${scene.baseUrl}/operator/closes`);
      await page.getByText("No draft is held").waitFor();
      await page.getByRole("link", { name: "Finalised" }).click();
      await page.getByRole("row", { name: new RegExp(NORTH) }).waitFor();
    });
  },
);
