/**
 * A real browser for tests: the system's Chromium if there is one, else the one that
 * `@sparticuz/chromium` brings along, else none, and the tests that need it are skipped by name.
 */
import { type Browser, chromium, type Page } from "playwright-core";

export type { Page };

const SYSTEM_PATHS = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/opt/google/chrome/chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];

export interface PageOptions {
  readonly javaScriptEnabled?: boolean;
}

/** What the content policy stops is a problem, also where the browser's console keeps quiet. */
const TELL_VIOLATIONS =
  `addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) =>
    console.error("Content policy: " + effectiveDirective + " " + blockedURI))`;

/** Opens a page, hands it over with what went wrong on it, and closes the browser. */
export async function withPage<T>(
  use: (page: Page, problems: string[]) => Promise<T>,
  options: PageOptions = {},
): Promise<T> {
  const browser = await launch();
  try {
    const page = await browser.newPage(options);
    const problems: string[] = [];
    await page.addInitScript(TELL_VIOLATIONS);
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    return await use(page, problems);
  } finally {
    await browser.close();
  }
}

/** A page of somebody else: the same browser without this one's cookies. */
export async function strangersPage(page: Page, options: PageOptions = {}): Promise<Page> {
  const browser = page.context().browser();
  if (browser === null) throw new Error("The page belongs to no browser");
  return await browser.newPage(options);
}

/** A `Deno.test` for which a browser must be there; without one it is reported as ignored. */
export function browserTest(name: string, fn: () => Promise<void>): void {
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
}

function findBrowser(): Found | null {
  const fromEnv = Deno.env.get("CHROMIUM_PATH");
  const candidates = fromEnv === undefined ? SYSTEM_PATHS : [fromEnv, ...SYSTEM_PATHS];
  const path = candidates.find(isFile);
  if (path !== undefined) return { executablePath: () => Promise.resolve(path), args: ARGS };
  // The packaged browser is built for this platform alone.
  return Deno.build.os === "linux" && Deno.build.arch === "x86_64" ? packaged : null;
}

const packaged: Found = {
  async executablePath() {
    const { default: chromium } = await import("@sparticuz/chromium");
    return await chromium.executablePath();
  },
  args: [...ARGS, "--headless=shell", "--single-process", "--no-zygote"],
};

async function launch(): Promise<Browser> {
  const found = findBrowser();
  if (found === null) throw new Error("No browser found; set CHROMIUM_PATH");
  return await chromium.launch({
    executablePath: await found.executablePath(),
    args: found.args,
    headless: true,
  });
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
