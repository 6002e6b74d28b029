import { meterLabel } from "@/lib/domain/meter.ts";
import { en } from "./en.ts";
import type { MessageKey } from "./message_key.ts";
import { type Language, translate } from "./messages.ts";

/** A meter for people; the words of its own name where no catalogue has it. */
export function meterName(language: Language, meter: string): string {
  const key = `meter_${meter}`;
  return isMessageKey(key) ? translate(language, key) : meterLabel(meter);
}

function isMessageKey(key: string): key is MessageKey {
  return Object.hasOwn(en, key);
}
