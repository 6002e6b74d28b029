import type { Statement, StatementLine } from "@/lib/domain/statement.ts";
import type { BillLineModel, BillModel } from "./BillLines.tsx";
import { type Words, wordsIn } from "./words.ts";

/** A statement in short: one line a meter, its price steps summed as billed. */
export function billOf(
  statement: Statement,
  locale: string,
): BillModel {
  const words = wordsIn(locale);
  const { say, count } = words;
  const lines = new Map<string, { label: string; units: bigint; amountMinor: bigint }>();
  for (const line of statement.lines) {
    const key = line.meter ?? line.lineId;
    const known = lines.get(key) ??
      { label: shortLabel(line, words), units: 0n, amountMinor: 0n };
    known.units += line.units;
    known.amountMinor += line.amountMinor;
    lines.set(key, known);
  }
  const credits: readonly BillLineModel[] = statement.creditsMinor === 0n ? [] : [{
    lineId: "credits",
    label: say("line_credits"),
    note: null,
    amountMinor: -statement.creditsMinor,
  }];
  return {
    currency: statement.currency,
    totalMinor: statement.totalMinor,
    totalLabel: say("so_far"),
    lines: [
      ...[...lines].map(([lineId, { label, units, amountMinor }]) => ({
        lineId,
        label,
        amountMinor,
        note: units === 0n ? null : count("count_units", units),
      })),
      ...credits,
    ],
  };
}

function shortLabel(line: StatementLine, { say, meterWords }: Words): string {
  switch (line.kind) {
    case "base_fee":
      return say("line_base_fee", { plan: line.planRevision ?? "" });
    case "usage":
      return meterWords(line.meter ?? "usage");
    case "adjustment":
      return line.note ?? say("line_adjustment");
    case "minimum_commitment":
      return say("line_minimum");
  }
}
