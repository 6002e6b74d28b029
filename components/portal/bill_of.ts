import type { Statement, StatementLine } from "@/lib/domain/statement.ts";
import { formatUnits } from "../ui/format.ts";
import type { BillLineModel, BillModel } from "./BillLines.tsx";
import { meterLabel } from "@/lib/domain/meter.ts";

/** A statement in short: one line a meter, its price steps summed as billed. */
export function billOf(statement: Statement, locale: string): BillModel {
  const lines = new Map<string, { label: string; units: bigint; amountMinor: bigint }>();
  for (const line of statement.lines) {
    const key = line.meter ?? line.lineId;
    const known = lines.get(key) ?? { label: shortLabel(line), units: 0n, amountMinor: 0n };
    known.units += line.units;
    known.amountMinor += line.amountMinor;
    lines.set(key, known);
  }
  const credits: readonly BillLineModel[] = statement.creditsMinor === 0n ? [] : [{
    lineId: "credits",
    label: "Prepaid credits",
    note: null,
    amountMinor: -statement.creditsMinor,
  }];
  return {
    currency: statement.currency,
    totalMinor: statement.totalMinor,
    totalLabel: "So far",
    lines: [
      ...[...lines].map(([lineId, { label, units, amountMinor }]) => ({
        lineId,
        label,
        amountMinor,
        note: units === 0n ? null : `${formatUnits(units, locale)} units`,
      })),
      ...credits,
    ],
  };
}

function shortLabel(line: StatementLine): string {
  switch (line.kind) {
    case "base_fee":
      return `Base fee, ${line.planRevision ?? ""}`;
    case "usage":
      return meterLabel(line.meter ?? "usage");
    case "adjustment":
      return line.note ?? "Adjustment";
    case "minimum_commitment":
      return "Up to the agreed minimum";
  }
}
