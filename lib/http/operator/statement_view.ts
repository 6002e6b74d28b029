import { formatMinorDecimal } from "@/lib/domain/money.ts";
import type { Statement } from "@/lib/domain/statement.ts";
import { jsonUnits } from "../api/operation.ts";
import { toJson } from "./to_json.ts";

/** A bill as JSON; money is decimal text in its currency. */
export function statementBody(statement: Statement) {
  const { currency, lines, subtotalMinor, creditsMinor, totalMinor, unpriced } = statement;
  const money = (minor: bigint) => formatMinorDecimal(minor, currency);
  return {
    currency,
    subtotal: money(subtotalMinor),
    credits: money(creditsMinor),
    total: money(totalMinor),
    lines: lines.map(({ kind, planRevision, meter, units, amountMinor, note }) => ({
      kind,
      plan_revision: planRevision,
      meter,
      units: jsonUnits(units),
      amount: money(amountMinor),
      note,
    })),
    unpriced: toJson(unpriced),
  };
}
