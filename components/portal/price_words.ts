import type { Price } from "@/lib/domain/plan.ts";

/** How a price model works, in a sentence for people who pay it. */
export function priceWords(price: Price): string {
  switch (price.model) {
    case "per_unit":
      return "Every unit costs the same.";
    case "graduated":
      return "Each unit costs what its own step says; earlier units keep their price.";
    case "volume":
      return "All units cost what the step reached by the last one says.";
    case "package":
      return "Units are sold in packages; a started package counts whole.";
    case "flat":
      return "One price, however many units.";
  }
}
