import type { Amount } from "@/lib/domain/plan.ts";
import { formatBilled, formatExact } from "./format.ts";
import { useViewer } from "./viewer.ts";

/** `exact` shows every digit (unit prices); otherwise rounded once, as billed. */
export function Money(
  { amount, currency, exact = false }: { amount: Amount; currency: string; exact?: boolean },
) {
  const { locale } = useViewer();
  const text = exact
    ? formatExact(amount, currency, locale)
    : formatBilled(amount, currency, locale);
  return <span class="num">{text}</span>;
}
