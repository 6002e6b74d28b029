import { parseMoney } from "@/lib/domain/money.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";

/** `null` removes the budget. Error: `invalid_field` at `/amount`. */
export function parseBudget(form: URLSearchParams, currency: string): Result<Tenant["budget"]> {
  const text = String(form.get("amount") ?? "").trim();
  if (text === "") return accept(null);
  const amount = parseMoney(text, currency);
  if (!amount.ok || amount.value === 0n) {
    return refuse({
      code: "invalid_field",
      pointer: "/amount",
      detail: amount.ok ? "More than zero, or empty for none" : amount.error.detail,
    });
  }
  return accept({ amount: amount.value, stop: form.get("stop") !== null });
}
