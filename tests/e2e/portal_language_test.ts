/** The portal in the tenant's language, in a real browser. */
import { assert, assertEquals } from "@std/assert";
import { provisionTenant } from "@/lib/billing/provision_tenant.ts";
import { LANGUAGES } from "@/lib/i18n/messages.ts";
import { LOCALES } from "@/lib/portal/settings_form.ts";
import { browserTest, type Page, withPage } from "../support/browser.ts";
import { checkPage } from "../support/page_checks.ts";
import { onePortal, type PortalApp, signIn, TENANT } from "../support/portal_app.ts";

const app = onePortal();

/** Pages that speak it whole. */
const TRANSLATED = [
  "/portal",
  "/portal/usage",
  "/portal/usage?show=calls_by_status&granularity=minute",
  "/portal/invoices",
] as const;

/** Words that are the same in two languages, names of ours and of the tenant. */
const SAME =
  /^(API|CSV|Budget|Plan|Menu|Audit|Status|Clawmeter|Screening|Compliance|Minute|Total|Service|Page|Pages|UTC|Growth|growth|Option greeks|Northwind Capital|Pricing service|Sample owner|owner@tn-north\.example|(GET|POST|PUT) .*|base|Base)$/;

async function speak({ runtime: { services } }: PortalApp, locale: string): Promise<void> {
  const found = await services.tenants.tenant(TENANT);
  assert(found !== null);
  const written = await services.tenants.putTenant({ ...found.value, locale }, found.versionstamp);
  assert(written.ok);
}

/** All texts that people see or hear, without figures, times and codes. */
async function textsOf(page: Page): Promise<ReadonlySet<string>> {
  const texts = await page.locator("body").evaluate((body) => {
    const found: string[] = [];
    const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (parent?.closest("script, style, time, code, .num, svg") !== null) continue;
      found.push(node.textContent ?? "");
    }
    for (const element of body.querySelectorAll("[aria-label], [title], [placeholder]")) {
      for (const name of ["aria-label", "title", "placeholder"]) {
        found.push(element.getAttribute(name) ?? "");
      }
    }
    return found;
  });
  return new Set(texts.map((text) => text.trim()).filter((text) => /\p{L}{3}/u.test(text)));
}

browserTest("the pages that speak the tenant's language leave no English word", async () => {
  const portal = await app();
  const { services } = portal.runtime;
  const provisioned = await provisionTenant(services.billing, {
    tenantId: TENANT,
    email: "owner@tn-north.example",
    startMs: services.clock.nowMs(),
    collection: { kind: "invoice", daysUntilDue: 14 },
  });
  assert(provisioned.ok);
  await withPage(async (page, problems) => {
    await signIn(portal, page);
    const english = new Map<string, ReadonlySet<string>>();
    for (const language of LANGUAGES) {
      const locale = LOCALES.find(({ value }) => value.startsWith(language))?.value ?? language;
      await speak(portal, locale);
      for (const path of TRANSLATED) {
        await page.goto(portal.baseUrl + path);
        assertEquals(await page.locator("html").getAttribute("lang"), language);
        assertEquals(await page.locator("main").getAttribute("lang"), null);
        const texts = await textsOf(page);
        assert(texts.size > 10, `${texts.size} texts on ${path}`);
        if (language === "en") english.set(path, texts);
        else {
          const left = [...texts].filter((text) => english.get(path)?.has(text));
          assertEquals(left.filter((text) => !SAME.test(text)), [], `${language} ${path}`);
        }
      }
    }
    assertEquals(problems, []);
  });
});

browserTest("the longest language fits, and other pages say that they are English", async () => {
  const portal = await app();
  await withPage(async (page) => {
    await signIn(portal, page);
    await speak(portal, "de-DE");
    for (const path of TRANSLATED) {
      await page.goto(portal.baseUrl + path);
      await checkPage(page, `${path} in German`);
    }
    await page.goto(`${portal.baseUrl}/portal/keys`);
    assertEquals(await page.locator("html").getAttribute("lang"), "de");
    assertEquals(await page.locator("main").getAttribute("lang"), "en");
  });
});
