/** What every page must be, whoever reads it: accessible, in its width, in both themes. */
import { assert, assertEquals } from "@std/assert";
import axe from "axe-core";
import type { Page } from "./browser.ts";

const THEMES = ["light", "dark"] as const;
const WIDTHS = [1280, 390] as const;
/** What a theme can change: a page is the same in both but for its colours. */
const COLOUR_RULES = ["color-contrast", "link-in-text-block"];

/**
 * Opens each address in each theme and width and fails on an accessibility fault or a page wider
 * than its window. What the console and the content policy say is in the `problems` of `withPage`.
 */
export async function checkPages(page: Page, addresses: readonly string[]): Promise<void> {
  await page.emulateMedia({ reducedMotion: "reduce" });
  for (const address of addresses) {
    const reply = await page.goto(address);
    assertEquals(reply?.status(), 200, address);
    await checkPage(page, address);
  }
}

/** The same for the page as it stands, e.g. what a form was answered with. */
export async function checkPage(page: Page, name: string): Promise<void> {
  await page.emulateMedia({ reducedMotion: "reduce" });
  for (const colorScheme of THEMES) {
    await page.emulateMedia({ colorScheme });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      const rules = colorScheme === "light" ? {} : { rules: COLOUR_RULES };
      const first = await axeFaults(page, rules);
      // Judged once more: what was only on its way from one theme or width to the other is no fault.
      const faults = first.length === 0 ? first : await axeFaults(page, rules);
      assertEquals(faults, [], `${name} ${colorScheme} at ${width} px`);
      assert(await overflow(page) <= 0, `${name} is wider than ${width} px`);
    }
  }
}

/**
 * Faults that axe-core finds on the page as it is, `rule: places`, by all its rules or by some. It
 * needs a page with scripts.
 */
export async function axeFaults(
  page: Page,
  { rules }: { readonly rules?: readonly string[] } = {},
): Promise<string[]> {
  // Colours on their way from one theme to the other have no contrast to judge; a pulse never ends.
  await page.evaluate(
    `Promise.allSettled(document.getAnimations()
      .filter(({ effect }) => Number.isFinite(effect.getComputedTiming().endTime))
      .map(({ finished }) => finished)).then(() => 0)`,
  );
  // Half a megabyte, which takes longer to hand over than to run: once for each page.
  if (await page.evaluate("globalThis.axe === undefined")) await page.evaluate(axe.source);
  const options = JSON.stringify(rules === undefined ? {} : { runOnly: rules });
  const result = await page.evaluate<AxeResult>(`axe.run(${options})`);
  return result.violations.map(({ id, nodes }) =>
    `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`
  );
}

/** Pixels by which the page is wider than its window. */
export async function overflow(page: Page): Promise<number> {
  return Number(await page.evaluate("document.documentElement.scrollWidth - innerWidth"));
}

export interface PageWeight {
  /** Bytes, compressed. */
  readonly html: number;
  /** Bytes of all scripts that the page loads, compressed. */
  readonly scripts: number;
  /** Also a script without a file of its own. */
  readonly hasScript: boolean;
}

/** Opens a page as a first visitor does and says what came over the wire. */
export async function pageWeight(page: Page, address: string): Promise<PageWeight> {
  const loading: Promise<number>[] = [];
  const onResponse = (response: Awaited<ReturnType<Page["waitForResponse"]>>) => {
    if (response.request().resourceType() !== "script") return;
    loading.push(response.body().then(gzipSize));
  };
  // Handling requests keeps the browser from answering them out of its cache.
  await page.route("**/*.js", (route) => route.continue());
  page.on("response", onResponse);
  await page.goto(address, { waitUntil: "load" });
  await page.evaluate("new Promise((done) => requestIdleCallback(done))");
  const html = await page.content();
  page.off("response", onResponse);
  await page.unroute("**/*.js");
  const scripts = (await Promise.all(loading)).reduce((sum, size) => sum + size, 0);
  const size = await gzipSize(new TextEncoder().encode(html));
  return { html: size, scripts, hasScript: html.includes("<script") };
}

async function gzipSize(bytes: Uint8Array): Promise<number> {
  const stream = new Blob([new Uint8Array(bytes)]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).bytes()).length;
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly target: readonly string[] }[];
  }[];
}
