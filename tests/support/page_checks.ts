/** What every page must be, whoever reads it: accessible, in its width, in both themes. */
import { assert, assertEquals } from "@std/assert";
import axe from "axe-core";
import type { Page } from "./browser.ts";

const THEMES = ["light", "dark"] as const;
const WIDTHS = [1280, 390] as const;

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
      assertEquals(await axeFaults(page), [], `${name} ${colorScheme} at ${width} px`);
      assert(await overflow(page) <= 0, `${name} is wider than ${width} px`);
    }
  }
}

/** Faults that axe-core finds on the page as it is, `rule: places`; it needs a page with scripts. */
export async function axeFaults(page: Page): Promise<string[]> {
  // Colours on their way from one theme to the other have no contrast to judge.
  await page.evaluate(
    "Promise.all(document.getAnimations().map((one) => one.finished)).then(() => 0)",
  );
  await page.evaluate(`globalThis.axe ?? (() => { ${axe.source} })()`);
  const result = await page.evaluate<AxeResult>("axe.run()");
  return result.violations.map(({ id, nodes }) =>
    `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`
  );
}

/** Pixels by which the page is wider than its window. */
export async function overflow(page: Page): Promise<number> {
  return Number(await page.evaluate("document.documentElement.scrollWidth - innerWidth"));
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly target: readonly string[] }[];
  }[];
}
