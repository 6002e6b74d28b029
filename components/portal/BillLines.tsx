import type { ComponentChildren } from "preact";
import { fromMinor } from "@/lib/domain/money.ts";
import { Money } from "../ui/Money.tsx";

export interface BillLineModel {
  readonly lineId: string;
  readonly label: string;
  /** How the amount came about, e.g. “10,000 units at $0.002”. */
  readonly note: string | null;
  readonly amountMinor: bigint;
}

export interface BillModel {
  readonly currency: string;
  readonly lines: readonly BillLineModel[];
  readonly totalMinor: bigint;
  readonly totalLabel: string;
}

/** A bill as a short ledger, closed with a double rule. */
export function BillLines(
  { bill, explain }: { bill: BillModel; explain?: (line: BillLineModel) => ComponentChildren },
) {
  return (
    <ul class="ledger-lines">
      {bill.lines.map((line) => (
        <li key={line.lineId}>
          <span>{line.label}</span>
          <Money amount={fromMinor(line.amountMinor)} currency={bill.currency} />
          {(line.note !== null || explain !== undefined) && (
            <span class="note">{line.note} {explain?.(line)}</span>
          )}
        </li>
      ))}
      <li>
        <span>{bill.totalLabel}</span>
        <Money amount={fromMinor(bill.totalMinor)} currency={bill.currency} />
      </li>
    </ul>
  );
}
