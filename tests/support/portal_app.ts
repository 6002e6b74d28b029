/** The whole app for tests of the tenant portal in a browser. */
import type { Role } from "@/lib/ports/members.ts";
import type { Page } from "./browser.ts";
import { startWholeApp, useUnits, type WholeApp } from "./whole_app.ts";

export interface PortalApp extends WholeApp {
  /** A sign-in link of a member, bound to no browser. */
  link(tenantId: string, role?: Role): Promise<string>;
  /** A key of `TENANT`, as it was shown once. */
  readonly apiKey: string;
}

export const TENANT = "tn_north";
export const OTHER = "tn_other";

/** Every page that a member sees, but for those of one period or one line. */
export const PAGES = [
  "/portal",
  "/portal/usage",
  "/portal/usage?show=calls_by_status",
  "/portal/requests",
  "/portal/start",
  "/portal/keys",
  "/portal/plan",
  "/portal/plan/preview?to=scale@1",
  "/portal/invoices",
  "/portal/alerts",
  "/portal/members",
  "/portal/audit",
  "/portal/settings",
] as const;

/** One app for all tests of a file, made when it is first asked for. */
export function onePortal(): () => Promise<PortalApp> {
  let started: Promise<PortalApp> | null = null;
  globalThis.addEventListener("unload", () => {
    started?.then((portal) => portal[Symbol.asyncDispose]());
  });
  return () => started ??= startPortal();
}

/** Two tenants on the sample plans; the first has used something. */
async function startPortal(): Promise<PortalApp> {
  const app = await startWholeApp();
  const { members, magicLinks } = app.runtime.services;
  const { apiKey } = await app.tenant(TENANT, "Northwind Capital");
  await app.tenant(OTHER, "Other Markets");
  await useUnits(app.runtime, { tenantId: TENANT, meter: "risk_score", units: 1_250n });
  await callApi(app, { apiKey, instrument: SAMPLE_SHARE });
  await callApi(app, { apiKey, instrument: "NOBODY_KNOWS_IT" });
  return {
    ...app,
    apiKey,
    link: async (tenantId, role = "owner") => {
      const member = (await members.members(tenantId)).find((one) => one.role === role);
      if (member === undefined) throw new Error(`No ${role} in ${tenantId}`);
      return await magicLinks.issue(member);
    },
  };
}

const SAMPLE_SHARE = { isin: "US0378331005", cfi_code: "ESVUFR", currency: "USD", mic: "XNAS" };

/** One call for the compliance part, in the request log by the time it returns. */
export async function callApi(
  { baseUrl, runtime }: WholeApp,
  { apiKey, instrument = SAMPLE_SHARE }: { apiKey: string; instrument?: unknown },
): Promise<number> {
  const reply = await fetch(`${baseUrl}/v1/ratings`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ instrument, include: ["compliance"] }),
  });
  await reply.body?.cancel();
  await runtime.services.trafficLog.flush();
  return reply.status;
}

export async function signIn(
  { baseUrl, link }: PortalApp,
  page: Page,
  { tenantId = TENANT, role = "owner" }: { tenantId?: string; role?: Role } = {},
): Promise<void> {
  await page.goto(await link(tenantId, role));
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL(`${baseUrl}/portal`);
}

/** Address of the newest statement. */
export async function statementPath({ baseUrl }: PortalApp, page: Page): Promise<string> {
  await page.goto(`${baseUrl}/portal/invoices`);
  const link = page.getByRole("table").first().getByRole("link").first();
  return await link.getAttribute("href") ?? "/portal/invoices";
}
