/**
 * A real browser for tests: the system's Chromium if there is one, else the one that
 * `@sparticuz/chromium` brings along, else none, and the tests that need it are skipped by name.
 */
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { turn } from "./turn.ts";

export type { Page };

/** The one without windows first: it takes half the time of a processor. */
const SYSTEM_PATHS = [
  "/usr/lib/chromium/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/opt/google/chrome/chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The watchdog takes a machine that does much else for one that hangs. */
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-gpu-watchdog",
  "--disable-dev-shm-usage",
];

/** Only what is broken takes so long, also on a slow machine that does much else. */
const PATIENCE_MS = 180_000;
const LAUNCHES_MAX = 3;

export interface PageOptions {
  readonly javaScriptEnabled?: boolean;
}

/** What the content policy stops is a problem, also where the browser's console keeps quiet. */
const TELL_VIOLATIONS =
  `addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) =>
    console.error("Content policy: " + effectiveDirective + " " + blockedURI))`;

/** One browser for all tests of a file; what tests must not share is in the contexts of pages. */
let launched: Promise<Browser> | null = null;

/** Opens a page, hands it over with what went wrong on it, and closes it and all strangers'. */
export async function withPage<T>(
  use: (page: Page, problems: string[]) => Promise<T>,
  options: PageOptions = {},
): Promise<T> {
  const [browser, page] = await firstPage(options);
  try {
    const problems: string[] = [];
    await page.addInitScript(TELL_VIOLATIONS);
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    return await use(page, problems);
  } finally {
    if (findBrowser()?.isOneProcess) await closeBrowser();
    else for (const context of browser.contexts()) await context.close();
  }
}

/** A page of somebody else: the same browser without this one's cookies. */
export async function strangersPage(page: Page, options: PageOptions = {}): Promise<Page> {
  const browser = page.context().browser();
  if (browser === null) throw new Error("The page belongs to no browser");
  return await newPage(browser, options);
}

/** For whom `browserTest` does not do it. */
export async function closeBrowser(): Promise<void> {
  const closing = launched;
  launched = null;
  await (await closing?.catch(() => null))?.close();
}

let closes = false;

/** A `Deno.test` for which a browser must be there; without one it is reported as ignored. */
export function browserTest(name: string, fn: () => Promise<void>): void {
  if (!closes) Deno.test.afterAll(closeBrowser);
  closes = true;
  Deno.test({
    name,
    fn,
    ignore: findBrowser() === null,
    sanitizeOps: false,
    sanitizeResources: false,
  });
}

interface Found {
  executablePath(): Promise<string>;
  args: string[];
  /** It goes down with the first page that is closed, so each test has its own. */
  isOneProcess: boolean;
}

function findBrowser(): Found | null {
  const fromEnv = Deno.env.get("CHROMIUM_PATH");
  const candidates = fromEnv === undefined ? SYSTEM_PATHS : [fromEnv, ...SYSTEM_PATHS];
  const path = candidates.find(isFile);
  if (path !== undefined) {
    return { executablePath: () => Promise.resolve(path), args: ARGS, isOneProcess: false };
  }
  // The packaged browser is built for this platform alone.
  return Deno.build.os === "linux" && Deno.build.arch === "x86_64" ? packaged : null;
}

const packaged: Found = {
  async executablePath() {
    const { default: chromium } = await import("@sparticuz/chromium");
    // It unpacks itself to one place, and takes what another worker has half unpacked for whole.
    using _ = await turn("chromium");
    return await chromium.executablePath();
  },
  args: [...ARGS, "--headless=shell", "--single-process", "--no-zygote"],
  isOneProcess: true,
};

async function newPage(browser: Browser, options: PageOptions): Promise<Page> {
  const page = await browser.newPage(options);
  page.context().setDefaultTimeout(PATIENCE_MS);
  onWholePages(page);
  return page;
}

/** What reads or acts on a page at once, as it then is. */
const AT_ONCE = {
  locator: [
    "all",
    "allInnerTexts",
    "check",
    "click",
    "count",
    "evaluate",
    "evaluateAll",
    "fill",
    "focus",
    "getAttribute",
    "innerText",
    "inputValue",
    "isChecked",
    "isVisible",
    "press",
    "selectOption",
    "setInputFiles",
    "textContent",
    "uncheck",
  ],
  page: ["content", "evaluate"],
} as const;

const whole = new WeakSet<object>();

/**
 * A click resolves when the next page begins, and the top of a page is there before its end is: a
 * browser that is slow enough shows half of it. No test is about half a page.
 */
function onWholePages(page: Page): void {
  const locators: object = Object.getPrototypeOf(page.locator("html"));
  const pages: object = Object.getPrototypeOf(page);
  for (const [prototype, names] of [[locators, AT_ONCE.locator], [pages, AT_ONCE.page]] as const) {
    if (whole.has(prototype)) continue;
    whole.add(prototype);
    for (const name of names) {
      const method: unknown = Reflect.get(prototype, name);
      if (typeof method !== "function") throw new Error(`Playwright has no ${name}`);
      Reflect.set(prototype, name, async function (this: Locator | Page, ...given: unknown[]) {
        const owner = "page" in this ? this.page() : this;
        await owner.waitForLoadState("domcontentloaded");
        return await method.apply(this, given);
      });
    }
  }
}

/** Of a browser that lives; one that died meanwhile, or dies before it has a page, is replaced. */
async function firstPage(options: PageOptions): Promise<[Browser, Page]> {
  for (let launches = 1;; launches++) {
    const browser = await theBrowser();
    try {
      return [browser, await newPage(browser, options)];
    } catch (error) {
      if (browser.isConnected() || launches === LAUNCHES_MAX) throw error;
    }
  }
}

async function theBrowser(): Promise<Browser> {
  const known = await launched?.catch(() => null);
  if (known?.isConnected()) return known;
  launched = launch();
  return await launched;
}

async function launch(): Promise<Browser> {
  const found = findBrowser();
  if (found === null) throw new Error("No browser found; set CHROMIUM_PATH");
  return await chromium.launch({
    executablePath: await found.executablePath(),
    args: found.args,
    headless: true,
    timeout: PATIENCE_MS,
  });
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
