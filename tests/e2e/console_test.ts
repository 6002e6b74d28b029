/** The operator console in a real browser, on the whole app. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dryRunPlan } from "@/lib/catalog/dry_run.ts";
import { saveDraft } from "@/lib/catalog/save_draft.ts";
import { browserTest, withPage } from "../support/browser.ts";
import { type ConsoleApp, startConsole } from "../support/console_app.ts";
import { pageWeight } from "../support/page_checks.ts";
import { useUnits } from "../support/whole_app.ts";

const TENANT = "tn_north";

let started: Promise<ConsoleApp> | null = null;

/** One app for all tests of this file: building it takes longer than any of them. */
function app(): Promise<ConsoleApp> {
  started ??= startConsole().then(async (desk) => {
    await desk.tenant(TENANT, "Northwind Capital");
    await useUnits(desk.runtime, { tenantId: TENANT, meter: "risk_score", units: 1_250n });
    const { services } = desk.runtime;
    await services.chores.everyMinute();
    const growth = (await services.plans.plan("growth@1"))?.value;
    assert(growth !== undefined);
    await saveDraft(services.catalog, { ...growth, baseFee: growth.baseFee * 2n });
    return desk;
  });
  return started;
}

globalThis.addEventListener("unload", () => {
  started?.then((desk) => desk[Symbol.asyncDispose]());
});

browserTest(
  "an operator signs in with the token, lands where they wanted, and signs out",
  async () => {
    const { baseUrl, operatorToken } = await app();
    await withPage(async (page) => {
      await page.goto(`${baseUrl}/operator/plans`);
      await page.getByLabel("Operator token").fill("not the token");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByText("This is not the operator token").waitFor();
      await page.getByLabel("Operator token").fill(operatorToken);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.waitForURL(`${baseUrl}/operator/plans`);
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.waitForURL(/operator\/sign-in/);
      await page.goto(`${baseUrl}/operator`);
      assertStringIncludes(page.url(), "/operator/sign-in");
    });
  },
);

browserTest(
  "every page is accessible, quiet and in its width, light and dark, wide and narrow",
  async () => {
    const { checkPages, runtime } = await app();
    const ran = await dryRunPlan(runtime.services.catalog, "growth@2");
    assert(ran.ok);
    await checkPages([
      "/operator",
      `/operator/plans/growth/dry-runs/${ran.value.dryRun.dryRunId}`,
      "/operator/tenants",
      "/operator/tenants/new",
      `/operator/tenants/${TENANT}`,
      `/operator/tenants/${TENANT}/usage`,
      `/operator/tenants/${TENANT}/plan?to=scale@1`,
      `/operator/tenants/${TENANT}/limits`,
      `/operator/tenants/${TENANT}/keys`,
      `/operator/tenants/${TENANT}/members`,
      `/operator/tenants/${TENANT}/status`,
      "/operator/plans",
      "/operator/plans/new",
      "/operator/plans/growth",
      "/operator/plans/growth/edit",
      "/operator/plans/growth/migrate?from=growth@2",
      "/operator/anomalies",
      "/operator/runs",
    ]);
  },
);

browserTest(
  "pages ship the small script of the palette, Home its live figures too, and none over 40 kB",
  async () => {
    const { baseUrl, signIn } = await app();
    await withPage(async (page) => {
      await signIn(page);
      const paths = ["", "/tenants", `/tenants/${TENANT}`, `/tenants/${TENANT}/limits`, "/plans"];
      for (const path of [...paths, "/plans/growth", "/plans/growth/edit", "/anomalies", "/runs"]) {
        const { html, scripts, hasScript } = await pageWeight(page, `${baseUrl}/operator${path}`);
        assertEquals([hasScript, scripts > 0], [true, true], path);
        const most = path === "" ? 40_000 : 16_000;
        assert(scripts <= most, `${path} loads ${scripts} bytes of compressed script`);
        assert(html <= 40_000, `${path} is ${html} bytes, compressed`);
      }
    });
  },
);
