import { assertEquals } from "@std/assert";
import { en } from "@/lib/i18n/en.ts";
import type { MessageKey } from "@/lib/i18n/message_key.ts";
import { languageOf, LANGUAGES, translate } from "@/lib/i18n/messages.ts";
import { meterName } from "@/lib/i18n/meter_name.ts";

const KEYS = Object.keys(en).filter((key): key is MessageKey => Object.hasOwn(en, key));

Deno.test("every translation has the placeholders of the English text", () => {
  const names = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
  for (const language of LANGUAGES) {
    for (const key of KEYS) {
      assertEquals(names(translate(language, key)), names(en[key]), `${language} ${key}`);
    }
  }
});

Deno.test("no translation is empty or has blanks at its ends", () => {
  for (const language of LANGUAGES) {
    for (const key of KEYS) {
      const text = translate(language, key);
      assertEquals([text.length > 0, text.trim() === text], [true, true], `${language} ${key}`);
    }
  }
});

Deno.test("a tag finds its language, an unknown one English", () => {
  assertEquals(["de-CH", "zh-Hant-TW", "JA", "pt-BR", ""].map(languageOf), [
    "de",
    "zh",
    "ja",
    "en",
    "en",
  ]);
});

Deno.test("a placeholder takes its value as it is and is not expanded again", () => {
  assertEquals(
    translate("en", "line_adjustment", { note: "{plan} $& $1" }),
    "Adjustment: {plan} $& $1",
  );
  assertEquals(translate("en", "line_adjustment"), "Adjustment: {note}");
});

Deno.test("meters of other services read as their own words", () => {
  assertEquals(meterName("de", "price_feed"), "Kursdaten");
  assertEquals(meterName("de", "model_runs"), "Model runs");
});
