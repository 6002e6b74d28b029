import { fillIn, type Language, languageOf, type MessageParams } from "../messages.ts";
import { de } from "./de.ts";
import { en } from "./en.ts";
import { es } from "./es.ts";
import { fr } from "./fr.ts";
import { ja } from "./ja.ts";
import { zh } from "./zh.ts";

export type PortalKey = keyof typeof en;

/** A whole catalogue: a missing or an extra key does not compile. */
export type PortalMessages = Readonly<Record<PortalKey, string>>;

const CATALOGUES = { en, de, fr, es, ja, zh } satisfies Record<Language, PortalMessages>;

/** A text of the portal with `{name}` replaced, in one language. */
export type Say = (key: PortalKey, params?: MessageParams) => string;

/** For a BCP 47 tag such as `de-CH`; English for languages we don't speak. */
export function sayIn(locale: string): Say {
  const catalogue = CATALOGUES[languageOf(locale)];
  return (key, params = {}) => fillIn(catalogue[key], params);
}
