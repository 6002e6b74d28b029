import type { Price } from "@/lib/domain/plan.ts";
import { type Say, sayIn } from "@/lib/i18n/portal/messages.ts";

/** How a price model works, in a sentence for people who pay it. */
export function priceWords({ model }: Price, say: Say = sayIn("en")): string {
  return say(`price_${model}`);
}
