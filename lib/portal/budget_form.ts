import { formatDecimal, parseMoney } from "@/lib/domain/money.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";

/** The form as typed, kept when it is refused. */
export interface BudgetDraft {
  readonly amount: string;
  readonly stop: boolean;
}

export function readBudget(form: URLSearchParams): BudgetDraft {
  return { amount: String(form.get("amount") ?? "").trim(), stop: form.get("stop") !== null };
}

export function budgetDraftOf(budget: Tenant["budget"], currency: string): BudgetDraft {
  return {
    amount: budget === null ? "" : formatDecimal(budget.amount, currency),
    stop: budget?.stop ?? false,
  };
}

/** `null` removes the budget. Error: `invalid_field` at `/amount`. */
export function parseBudget(
  { amount: text, stop }: BudgetDraft,
  currency: string,
): Result<Tenant["budget"]> {
  if (text === "") return accept(null);
  const amount = parseMoney(text, currency);
  if (!amount.ok || amount.value === 0n) {
    return refuse({
      code: "invalid_field",
      pointer: "/amount",
      detail: amount.ok ? "More than zero, or empty for none" : amount.error.detail,
    });
  }
  return accept({ amount: amount.value, stop });
}
