/** Every form of the portal that acts, and how to fill and send one as a browser would. */
import { assert } from "@std/assert";
import type { Page } from "./browser.ts";

export interface PortalForm {
  readonly name: string;
  /** The page that has it. */
  readonly path: string;
  readonly action: RegExp;
}

export const PORTAL_FORMS: readonly PortalForm[] = [
  { name: "settings", path: "/portal/settings", action: /^\/portal\/settings$/ },
  { name: "budget", path: "/portal/alerts", action: /^\/portal\/alerts\/budget$/ },
  { name: "alerts", path: "/portal/alerts", action: /^\/portal\/alerts$/ },
  { name: "new key", path: "/portal/keys", action: /^\/portal\/keys$/ },
  { name: "rotate a key", path: "/portal/keys", action: /^\/portal\/keys\/[^/]+\/rotate$/ },
  { name: "revoke a key", path: "/portal/keys", action: /^\/portal\/keys\/[^/]+\/revoke$/ },
  { name: "invite", path: "/portal/members", action: /^\/portal\/members$/ },
  {
    name: "revoke an invitation",
    path: "/portal/members",
    action: /^\/portal\/members\/invitations\/revoke$/,
  },
  { name: "end a session", path: "/portal/members", action: /^\/portal\/members\/sessions\/end$/ },
  { name: "change a role", path: "/portal/members", action: /^\/portal\/members\/mem_[^/]+$/ },
  {
    name: "remove a member",
    path: "/portal/members",
    action: /^\/portal\/members\/[^/]+\/remove$/,
  },
  { name: "change plan", path: "/portal/plan/preview?to=scale@1", action: /^\/portal\/plan$/ },
  {
    name: "payment details",
    path: "/portal/invoices",
    action: /^\/portal\/invoices\/billing-portal$/,
  },
];

export type Fields = readonly (readonly [string, string])[];

/** Actions of the forms on a page, but for signing out and the theme. */
export async function formActions(page: Page): Promise<readonly string[]> {
  return await page.locator('main form[method="post"]').evaluateAll((forms) =>
    forms.map((form) => form.getAttribute("action") ?? "")
  );
}

/** Opens the form's page and fills it with what it takes; what it would send is returned. */
export async function fillForm(
  page: Page,
  { baseUrl, form }: { baseUrl: string; form: PortalForm },
): Promise<{ readonly action: string; readonly fields: Fields }> {
  await page.goto(baseUrl + form.path);
  const action = (await formActions(page)).find((one) => form.action.test(one));
  assert(action !== undefined, `No form to ${form.name} on ${form.path}`);
  const fields = await page.locator(`main form[action="${action}"]`).first().evaluate((element) => {
    if (!(element instanceof HTMLFormElement)) return [];
    for (const control of element.elements) {
      if (!(control instanceof HTMLInputElement || control instanceof HTMLTextAreaElement)) {
        continue;
      }
      const drafts: Readonly<Record<string, string>> = {
        amount: "777",
        confirmation: control.getAttribute("pattern") ?? "",
        display_name: "Draft of a name",
        email: "draft@mail.example",
        emails: "ops@mail.example",
        ips: "203.0.113.9",
        name: "Draft key",
        webhook_url: "https://hooks.mail.example/x",
      };
      const draft = Object.hasOwn(drafts, control.name) ? drafts[control.name] : undefined;
      if (draft !== undefined) control.value = draft;
    }
    return [...new FormData(element)].map(([name, value]): [string, string] => [
      name,
      String(value),
    ]);
  });
  return { action, fields };
}

/** Sends the form as the browser does, also one in a dialog that is not open. */
export async function submitForm(page: Page, action: string): Promise<void> {
  await page.locator(`main form[action="${action}"]`).first().evaluate((element) => {
    if (element instanceof HTMLFormElement) element.requestSubmit();
  });
}

/** Sends fields by hand, with the browser's cookies; redirects are not followed. */
export async function post(
  page: Page,
  { baseUrl, action, fields }: { baseUrl: string; action: string; fields: Fields },
): Promise<{ readonly status: number; readonly location: string | null; readonly text: string }> {
  const reply = await page.request.post(baseUrl + action, {
    headers: { origin: baseUrl, "content-type": "application/x-www-form-urlencoded" },
    data: new URLSearchParams(fields.map(([name, value]) => [name, value])).toString(),
    maxRedirects: 0,
  });
  const location = reply.headers()["location"] ?? null;
  return { status: reply.status(), location, text: await reply.text() };
}
