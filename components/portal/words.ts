import { languageOf } from "@/lib/i18n/messages.ts";
import { meterName } from "@/lib/i18n/meter_name.ts";
import { type Count, countIn, type Say, sayIn } from "@/lib/i18n/portal/messages.ts";
import { useViewer } from "../ui/viewer.ts";

export interface Words {
  readonly say: Say;
  readonly count: Count;
  /** A meter for people. */
  readonly meterWords: (meter: string) => string;
}

export function wordsIn(locale: string): Words {
  const language = languageOf(locale);
  return {
    say: sayIn(locale),
    count: countIn(locale),
    meterWords: (meter) => meterName(language, meter),
  };
}

/** Words of the viewer; outside of a page's frame there is none, so pages use `wordsIn`. */
export function useWords(): Words {
  return wordsIn(useViewer().locale);
}
