/** The whole portal in the tenant's language: every page, answer, error and mail. */
import { assert, assertEquals } from "@std/assert";
import { provisionTenant } from "@/lib/billing/provision_tenant.ts";
import { type Language, LANGUAGES } from "@/lib/i18n/messages.ts";
import { sayIn } from "@/lib/i18n/portal/messages.ts";
import { LOCALES } from "@/lib/portal/settings_form.ts";
import { type SeenPage, type Visitor, visitorOf, wordsOf } from "../support/html_visitor.ts";
import { midMonthClock } from "../support/mid_month_clock.ts";
import { onePortal, PAGES, type PortalApp, TENANT } from "../support/portal_app.ts";

const app = onePortal();
const OWNER = "owner@tn-north.example";

/** Codes, and names: of ours, of the tenant, of its people, of what the operator offers. */
const SAME = new RegExp(
  "^(" + [
    "API|CSV|UTC|Webhook|curl|Clawmeter( \\(\\w+\\))?|Pricing service|Northwind Capital|Sample (owner|viewer)|Batch|nowhere",
    "[\\w-]+@[\\w.-]+|Growth|Scale|Starter|[a-z]+@1|For a desk that rates all day\\.",
    "English \\(.*\\)|Deutsch|Français|Español|日本語|中文",
    "https?://\\S+|Europe/\\S+|req_…|(GET|POST|PUT) .*|base|Base|Amount in USD",
  ].join("|") + ")$",
);

/** Words that are spelt the same as in English. */
const COGNATES: Readonly<Record<Language, readonly string[]>> = {
  en: [],
  de: ["Minute", "Status", "Name", "Version", "Budget"],
  fr: [
    "Menu",
    "Minute",
    "Total",
    "Actions",
    "test",
    "active",
    "Version",
    "Budget",
    "E-mail",
    "Description",
    "Exact",
  ],
  es: ["Plan", "Plan · Clawmeter", "Total", "Subtotal"],
  ja: [],
  zh: [],
};

async function speak({ runtime: { services } }: PortalApp, locale: string): Promise<void> {
  const found = await services.tenants.tenant(TENANT);
  assert(found !== null);
  const written = await services.tenants.putTenant({ ...found.value, locale }, found.versionstamp);
  assert(written.ok);
}

async function signIn(portal: PortalApp, visitor: Visitor): Promise<void> {
  const confirm = await visitor.get(await portal.link(TENANT));
  await visitor.send(confirm, "/portal/sign-in/confirm");
}

/** Everything of a period that a page can tell: a bill, keys of all states, an invitation, a crossing. */
async function furnish(portal: PortalApp): Promise<Visitor> {
  const { services } = portal.runtime;
  const provisioned = await provisionTenant(services.billing, {
    tenantId: TENANT,
    email: OWNER,
    startMs: services.clock.nowMs(),
    collection: { kind: "invoice", daysUntilDue: 14 },
  });
  assert(provisioned.ok);
  const visitor = visitorOf(portal);
  await signIn(portal, visitor);
  const keys = await visitor.get("/portal/keys");
  await visitor.send(keys, /\/rotate$/, { grace: "86400" });
  const alerts = await visitor.get("/portal/alerts");
  await visitor.send(alerts, "/portal/alerts", { webhook_url: "https://hooks.x.example/alerts" });
  await visitor.send(alerts, "/portal/alerts/budget", { amount: "250", stop: "1" });
  const members = await visitor.get("/portal/members");
  await visitor.send(members, "/portal/members", { email: "grace@x.example", role: "admin" });
  return visitor;
}

interface Stop {
  readonly name: string;
  readonly see: (visitor: Visitor) => Promise<SeenPage>;
}

const at = (path: string): Stop => ({ name: path, see: (visitor) => visitor.get(path) });
const sent = (
  path: string,
  action: string | RegExp,
  fields: Readonly<Record<string, string>>,
): Stop => ({
  name: `${action} with ${JSON.stringify(fields)}`,
  see: async (visitor) => await visitor.send(await visitor.get(path), action, fields),
});

/** What a member sees. */
async function tour(visitor: Visitor): Promise<readonly Stop[]> {
  const invoices = await visitor.get("/portal/invoices");
  const statement = /href="(\/portal\/invoices\/[\d-]+)"/.exec(invoices.html)?.[1] ?? "";
  const lines = [
    ...(await visitor.get(statement)).html.matchAll(/href="(\/[^"]+\/lines\/[^"]+)"/g),
  ];
  assert(lines.length > 0, statement);
  const now = midMonthClock.nowMs();
  return [
    ...PAGES.map(at),
    at("/portal/usage?show=calls_by_status&granularity=minute"),
    at("/portal/requests?id=req_unknown"),
    at(statement),
    ...lines.map(([, path = ""]) => at(path)),
    ...lines.map(([, path = ""]) => at(`${path}?day=${now}&hour=${now}`)),
    at("/portal/invoices/2020-01-01"),
    sent("/portal/keys", "/portal/keys", { name: "Batch", scopes: "ratings:read", ips: "nowhere" }),
    sent("/portal/keys", "/portal/keys", { name: "Batch" }),
    sent("/portal/keys", "/portal/keys", { name: " ", scopes: "ratings:read" }),
    sent("/portal/keys", "/portal/keys", { name: "Batch", scopes: "ratings:read" }),
    sent("/portal/keys", /\/revoke$/, { confirmation: "no" }),
    sent("/portal/keys", /\/revoke$/, { confirmation: "revoke" }),
    sent("/portal/alerts", "/portal/alerts", { emails: "nobody", webhook_url: "ftp://x" }),
    sent("/portal/alerts", "/portal/alerts", { emails: "ops@x.example", version: "older" }),
    sent("/portal/alerts", "/portal/alerts/budget", { amount: "much" }),
    sent("/portal/alerts", "/portal/alerts/budget", { amount: "9", version: "older" }),
    sent("/portal/members", "/portal/members", { email: "nobody", role: "viewer" }),
    sent("/portal/members", "/portal/members", { email: OWNER, role: "viewer" }),
    sent("/portal/members", "/portal/members", { email: "grace@x.example", role: "viewer" }),
    sent("/portal/settings", "/portal/settings", { display_name: "", color: "red" }),
    sent("/portal/settings", "/portal/settings", SETTINGS),
    sent("/portal/settings", "/portal/settings", { ...SETTINGS, time_zone: "Nowhere" }),
    sent("/portal/settings", "/portal/settings", { ...SETTINGS, version: "older" }),
  ];
}

const SETTINGS = {
  display_name: "Northwind Capital",
  color: "#2f6f4e",
  time_zone: "Europe/Paris",
};

/** What somebody sees who is not, or no longer, signed in. */
const OUTSIDE: readonly Stop[] = [
  at("/portal/sign-in"),
  at("/portal/sign-in?reason=step_up"),
  at("/portal/usage"),
  sent("/portal/sign-in", "/portal/sign-in", { email: OWNER }),
  sent("/portal/sign-in", "/portal/sign-in", { email: "nobody" }),
  at("/portal/sign-in/confirm?code=wrong"),
  sent("/portal/sign-in/confirm", "/portal/sign-in/confirm", { token: "wrong" }),
  at("/portal/join?tenant=tn_north&invitation=inv_1&code=wrong"),
  sent("/portal/join?tenant=tn_north&invitation=inv_1&code=wrong", "/portal/join", { name: "G" }),
  at("/portal/nothing/here"),
];

Deno.test("every page, answer and error speaks the language of its reader, and no English word is left", async () => {
  const portal = await app();
  const member = await furnish(portal);
  const english = new Map<string, ReadonlySet<string>>();
  const compare = async (stop: Stop, visitor: Visitor, language: Language) => {
    const { html, lang } = await stop.see(visitor);
    assertEquals(lang, language, `${stop.name} in ${language}`);
    const words = wordsOf(html);
    assert(words.size > 8, `${words.size} texts: ${stop.name}`);
    assertEquals([...words].filter((text) => /\{\w+\}/.test(text)), [], stop.name);
    if (language === "en") {
      english.set(stop.name, words);
      return [];
    }
    return [...words].filter((text) => english.get(stop.name)?.has(text))
      .filter((text) => !SAME.test(text) && !COGNATES[language].includes(text))
      .map((text) => `${language}: ${text}`);
  };
  const left: string[] = [];
  for (const language of LANGUAGES) {
    const locale = LOCALES.find(({ value }) => value.startsWith(language))?.value ?? language;
    await speak(portal, locale);
    for (const stop of await tour(member)) {
      // Forms of settings change the language: each stop begins with the one that is meant.
      left.push(...await compare(stop, member, language));
      await speak(portal, locale);
    }
    const stranger = visitorOf(portal, { acceptLanguage: `${locale},en;q=0.5` });
    for (const stop of OUTSIDE) left.push(...await compare(stop, stranger, language));
  }
  assertEquals([...new Set(left)], []);
});

Deno.test("mails speak the language of the tenant that they are about", async () => {
  const portal = await app();
  const say = sayIn("ja-JP");
  await speak(portal, "ja-JP");
  const visitor = visitorOf(portal);
  // Of another than the tests above: only so many links go to one address.
  const viewer = "viewer@tn-north.example";
  await visitor.send(await visitor.get("/portal/sign-in"), "/portal/sign-in", { email: viewer });
  const [link] = portal.mails(viewer);
  assertEquals(link?.subject, say("mail_link_subject"));
  assert(link?.text.includes(say("mail_link_text")));
  await signIn(portal, visitor);
  const members = await visitor.get("/portal/members");
  const email = "kana@x.example";
  await visitor.send(members, "/portal/members", { email, role: "viewer" });
  assertEquals(portal.mails(email)[0]?.subject, say("mail_invitation_subject"));
});
