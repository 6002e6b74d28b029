/** The whole app for tests of the operator console in a browser. */
import { assertEquals } from "@std/assert";
import { TOKEN_OPERATOR_ID } from "@/lib/auth/operator_token.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import { type Page, withPage } from "./browser.ts";
import { checkPages } from "./page_checks.ts";
import { startWholeApp, type WholeApp } from "./whole_app.ts";

export interface ConsoleApp extends WholeApp {
  readonly operatorToken: string;
  /** Gives the page's browser the session of an operator, by default of who holds the token. */
  signIn(page: Page, operatorId?: string): Promise<void>;
  /** `checkPages` as a signed-in operator, in a browser of its own. */
  checkPages(paths: readonly string[]): Promise<void>;
}

/** Who is an operator besides who holds the token. */
const OPERATORS: readonly string[] = [
  "ada@example.com",
  "eve@example.com",
  "grace@desk.example",
];
const OPERATOR_TOKEN = "operator-token-of-the-console-0123456789";

export async function startConsole(options: { readonly clock?: Clock } = {}): Promise<ConsoleApp> {
  const app = await startWholeApp({ OPERATOR_TOKEN, OPERATOR_EMAILS: OPERATORS.join() }, options);
  const { baseUrl, runtime } = app;

  /** Past the form, whose attempts are counted per address: its own test goes through it. */
  async function signIn(page: Page, operatorId = TOKEN_OPERATOR_ID): Promise<void> {
    const isKnown = operatorId === TOKEN_OPERATOR_ID || OPERATORS.includes(operatorId);
    if (!isKnown) throw new Error(`${operatorId} is not among the operators here`);
    const { secret } = await runtime.services.sessions.start({
      owner: { kind: "operator", operatorId },
      method: "operator_token",
      ip: "127.0.0.1",
      userAgent: null,
    });
    await page.context().addCookies([{ name: "op", value: secret, url: baseUrl }]);
  }

  return {
    ...app,
    operatorToken: OPERATOR_TOKEN,
    signIn,
    checkPages: (paths) =>
      withPage(async (page, problems) => {
        await signIn(page);
        await checkPages(page, paths.map((path) => baseUrl + path));
        assertEquals(problems, []);
      }),
  };
}
