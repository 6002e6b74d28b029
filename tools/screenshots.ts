/**
 * Takes the pictures of `docs/images/`: a sandbox of its own, the main pages, both themes
 * (`deno task screenshots`). Needs a Chromium, found as the browser tests find theirs.
 */
import { Builder } from "fresh/dev";
import { build } from "@/fresh.config.ts";
import { compose } from "@/lib/compose.ts";
import { prepareSandbox } from "@/lib/compose/sandbox.ts";
import { createApp } from "@/lib/create_app.ts";
import type { AppState } from "@/lib/http/define.ts";
import { parseEnv } from "@/lib/platform/env.ts";
import { closeBrowser, type Page, withPage } from "@/tests/support/browser.ts";

const TARGET = new URL("../docs/images/", import.meta.url);
const PORT = 8499;
const BASE_URL = `http://127.0.0.1:${PORT}`;
const WIDE = { width: 1280, height: 860 };
const PHONE = { width: 390, height: 844 };

const PORTAL = [
  { name: "landing", path: "/", size: WIDE },
  { name: "overview", path: "/portal", size: WIDE },
  { name: "overview-phone", path: "/portal", size: PHONE },
  { name: "usage", path: "/portal/usage", size: WIDE },
  { name: "requests", path: "/portal/requests", size: WIDE },
  { name: "keys", path: "/portal/keys", size: WIDE },
  { name: "plan", path: "/portal/plan", size: WIDE },
  { name: "statement", path: "/portal/invoices/current", size: WIDE },
] as const;
const CONSOLE = [
  { name: "console-home", path: "/operator", size: WIDE },
  { name: "console-home-phone", path: "/operator", size: PHONE },
  { name: "console-tenant", path: "/operator/tenants/tn_northwind", size: WIDE },
  { name: "console-money", path: "/operator/tenants/tn_northwind/money", size: WIDE },
  { name: "console-plan-editor", path: "/operator/plans/growth/edit", size: WIDE },
  { name: "console-outbox", path: "/operator/outbox?state=sent", size: WIDE },
  { name: "console-books", path: "/operator/books", size: WIDE },
  { name: "console-reconcile", path: "/operator/reconcile", size: WIDE },
  { name: "console-audit", path: "/operator/audit?chain=tn_northwind", size: WIDE },
  { name: "console-settings", path: "/operator/settings", size: WIDE },
] as const;

const folder = await Deno.makeTempDir();
const env = parseEnv({
  KV_URL: `${folder}/clawmeter.db`,
  PORT: String(PORT),
  BASE_URL,
  LOG_LEVEL: "error",
});
if (!env.ok) throw new Error(env.error.detail);
const runtime = await compose(env.value);
const sandbox = await prepareSandbox(runtime, {
  plansText: await Deno.readTextFile(new URL("../plans.json", import.meta.url)),
  say: () => {},
});
const app = createApp(runtime.services);
const apply = await new Builder<AppState>(build).build({ snapshot: "memory" });
apply(app);
runtime.start();
const server = Deno.serve(
  { port: PORT, hostname: "127.0.0.1", onListen() {} },
  app.handler(),
);
await makeSomeCalls();
await Deno.mkdir(TARGET, { recursive: true });
await withPage(async (page) => {
  await page.goto(sandbox.tenants[0]?.portalLoginUrl ?? "");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL(`${BASE_URL}/portal`);
  await take(page, PORTAL);
});
await withPage(async (page) => {
  await page.goto(`${BASE_URL}/operator/sign-in`);
  await page.getByLabel("Operator token").fill(runtime.services.operatorToken);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(`${BASE_URL}/operator`);
  await page.goto(`${BASE_URL}/operator/reconcile`);
  await page.getByRole("button", { name: "Compare now" }).click();
  await take(page, CONSOLE);
});
await closeBrowser();
await server.shutdown();
await runtime.stop();
await Deno.remove(folder, { recursive: true });

async function take(page: Page, shots: typeof PORTAL | typeof CONSOLE): Promise<void> {
  for (const { name, path, size } of shots) {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.goto(BASE_URL + path.replace("current", currentPeriod()));
      if (path === "/portal") await page.locator(".live-chart").waitFor();
      await page.screenshot({ path: new URL(`${name}-${colorScheme}.png`, TARGET).pathname });
    }
  }
}

/** Some served and some refused, so that no page is empty. */
async function makeSomeCalls(): Promise<void> {
  const apiKey = sandbox.tenants[0]?.apiKey ?? "";
  for (let call = 0; call < 24; call++) {
    const instrument = call % 8 === 5 ? "US0000000000" : "US0378331005";
    const reply = await fetch(`${BASE_URL}/v1/ratings`, {
      method: "POST",
      headers: { "authorization": `Bearer ${apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({ instrument, include: ["risk_score", "compliance"] }),
    });
    await reply.body?.cancel();
  }
  await runtime.services.chores.everyMinute();
}

function currentPeriod(): string {
  return `${new Date().toISOString().slice(0, 7)}-01`;
}
