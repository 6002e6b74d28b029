import { assert, assertEquals } from "@std/assert";
import { LANGUAGES } from "@/lib/i18n/messages.ts";
import { en } from "@/lib/i18n/portal/en.ts";
import { type PortalKey, sayIn } from "@/lib/i18n/portal/messages.ts";

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
