import { formatDecimal, formatMinorDecimal } from "@/lib/domain/money.ts";
import { languageOf } from "@/lib/i18n/messages.ts";
import { csvText } from "./csv_text.ts";
import type { InvoiceStatement } from "./invoice_statement.ts";
import { lineText } from "./statement_view.ts";

const COLUMNS = [
  "period",
  "line_id",
  "kind",
  "description",
  "plan",
  "meter",
  "tier",
  "quantity",
  "units",
  "unit_amount",
  "amount_exact",
  "amount",
  "currency",
];

/**
 * A statement for spreadsheets and programs: RFC 4180, UTF-8, decimal points, exact amounts. The
 * column names are stable; only the description follows `locale`.
 */
export function statementCsv(statement: InvoiceStatement, locale = "en"): string {
  const { period, planName } = statement;
  const { currency, lines, credits } = statement.statement;
  const language = languageOf(locale);
  const rows = lines.map((line) => [
    period.periodId,
    line.lineId,
    line.kind,
    lineText(language, line, planName),
    line.planRevision ?? "",
    line.meter ?? "",
    line.part?.tier?.toString() ?? "",
    line.part?.quantity.toString() ?? "",
    line.units.toString(),
    line.part === null ? "" : formatDecimal(line.part.unitAmount, currency),
    formatDecimal(line.amount, currency),
    formatMinorDecimal(line.amountMinor, currency),
    currency.toUpperCase(),
  ]);
  const drawn = credits.map(({ creditId, amountMinor }) => {
    const amount = formatMinorDecimal(-amountMinor, currency);
    const code = currency.toUpperCase();
    return [period.periodId, creditId, "credit", "", "", "", "", "", "0", "", amount, amount, code];
  });
  return csvText([COLUMNS, ...rows, ...drawn]);
}
