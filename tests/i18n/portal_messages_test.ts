import { assert, assertEquals } from "@std/assert";
import { PROBLEMS } from "@/lib/http/problem_table.ts";
import { acceptedLanguage } from "@/lib/i18n/accepted_language.ts";
import { LANGUAGES } from "@/lib/i18n/messages.ts";
import { en as statementWords } from "@/lib/i18n/en.ts";
import { en } from "@/lib/i18n/portal/en.ts";
import { countIn, type PortalKey, portalKey, sayIn } from "@/lib/i18n/portal/messages.ts";

const KEYS = Object.keys(en).filter((key): key is PortalKey => Object.hasOwn(en, key));

Deno.test("every text of the portal has the placeholders of the English one, in all languages", () => {
  const names = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
  for (const language of LANGUAGES) {
    const say = sayIn(language);
    for (const key of KEYS) {
      const text = say(key);
      assertEquals(names(text), names(en[key]), `${language} ${key}`);
      assert(text !== "" && text.trim() === text, `${language} ${key}`);
    }
  }
});

Deno.test("texts follow the language of a tag, and values are put in as they are", () => {
  assertEquals(sayIn("de-CH")("used_of", { used: "{limit}", limit: "5" }), "{limit} von 5");
  assertEquals(sayIn("pt-BR")("sign_out"), "Sign out");
});

Deno.test("one and many are told apart as each language does, in its own digits", () => {
  const said = (locale: string) =>
    [0, 1, 2, 1_234_567n].map((count) => countIn(locale)("count_units", count));
  assertEquals(said("en-US"), ["0 units", "1 unit", "2 units", "1,234,567 units"]);
  assertEquals(said("de-DE"), ["0 Einheiten", "1 Einheit", "2 Einheiten", "1.234.567 Einheiten"]);
  assertEquals(said("fr-FR").slice(0, 3), ["0 unité", "1 unité", "2 unités"]);
  assertEquals(said("ja-JP")[1], "1 ユニット");
});

Deno.test("no catalogue holds a text that no page or mail says", async () => {
  const portal = await collectSources(/\b(say|count|sayIn|countIn)\b|PortalKey/);
  const statements = await collectSources(/\b(say|translate)\(/);
  assertEquals(KEYS.filter((key) => !isSaid(key, portal)), []);
  assertEquals(Object.keys(statementWords).filter((key) => !isSaid(key, statements)), []);
});

/** As a literal, without the ending of its plural, or by a template such as `role_${role}`. */
function isSaid(key: string, { literals, templates }: Sources): boolean {
  const base = key.replace(/_(one|other)$/, "");
  return literals.has(key) || literals.has(base) ||
    templates.some((template) => template.test(key));
}

interface Sources {
  readonly literals: ReadonlySet<string>;
  readonly templates: readonly RegExp[];
}

/** What stands in quotes in the modules that speak: those that `speaks` finds something in. */
async function collectSources(speaks: RegExp): Promise<Sources> {
  const root = new URL("../../", import.meta.url);
  const literals = new Set<string>();
  const templates = new Set<string>();
  for (const folder of ["components", "routes", "islands", "lib"]) {
    for (const file of await filesOf(new URL(`${folder}/`, root))) {
      if (/\/lib\/i18n\/(portal\/)?(en|de|fr|es|ja|zh)(\/\w+)?\.ts$/.test(file.pathname)) continue;
      const text = await Deno.readTextFile(file);
      if (!speaks.test(text)) continue;
      for (const [, literal = ""] of text.matchAll(/"(\w+)"/g)) literals.add(literal);
      for (const [, template = ""] of text.matchAll(/`(\w{3}(?:\w|\$\{[^`{}]*\})+)`/g)) {
        templates.add(template.replaceAll(/\$\{[^}]*\}/g, "\\w+"));
      }
    }
  }
  return { literals, templates: [...templates].map((template) => new RegExp(`^${template}$`)) };
}

async function filesOf(folder: URL): Promise<readonly URL[]> {
  const found: URL[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const inside = new URL(isDirectory ? `${encodeURI(name)}/` : encodeURI(name), folder);
    if (isDirectory) found.push(...await filesOf(inside));
    else if (/\.tsx?$/.test(name)) found.push(inside);
  }
  return found;
}

Deno.test("every reason is one of a problem that the API has", () => {
  const reasons = KEYS.flatMap((key) => /^why_(.+)$/.exec(key)?.[1] ?? []);
  assertEquals(reasons.filter((code) => !Object.hasOwn(PROBLEMS, code)), []);
  assertEquals(portalKey("why_rate_limited"), "why_rate_limited");
  assertEquals(portalKey("why_constructor"), null);
});

Deno.test("a visitor is spoken to in the language that the browser prefers among ours", () => {
  assertEquals(acceptedLanguage("de-CH, fr;q=0.9, en;q=0.8"), "de");
  assertEquals(acceptedLanguage("pt-BR, fr;q=0.5, ja;q=0.7"), "ja");
  assertEquals(acceptedLanguage("pt-BR,fr;q=0,*;q=0.1"), "en");
  for (const odd of [null, "", "*", ";;,=", "de;q=x"]) assertEquals(acceptedLanguage(odd), "en");
});
