import { fromMinor } from "@/lib/domain/money.ts";
import type { Statement } from "@/lib/domain/statement.ts";
import { billOf } from "../portal/bill_of.ts";
import { Money } from "../ui/Money.tsx";
import { Table } from "../ui/Table.tsx";
import { useViewer } from "../ui/viewer.ts";

export interface BillImpactModel {
  readonly periodId: string;
  readonly before: Statement;
  readonly after: Statement;
}

/** A period's bill line by line: as it is, and as the act would make it. */
export function BillImpactTable({ impact }: { impact: BillImpactModel }) {
  const { locale } = useViewer();
  const { currency } = impact.after;
  const before = billOf(impact.before, locale);
  const after = billOf(impact.after, locale);
  const amount = (bill: typeof before, lineId: string) =>
    bill.lines.find((line) => line.lineId === lineId)?.amountMinor ?? 0n;
  const lines = new Map(
    [...before.lines, ...after.lines].map(({ lineId, label }) => [lineId, label]),
  );
  return (
    <Table
      caption={`Bill of the period from ${impact.periodId}, now and then`}
      rows={[...lines]}
      rowKey={([lineId]) => lineId}
      empty={<p class="muted small">The bill of this period is empty, and stays so.</p>}
      foot
      columns={[
        {
          key: "line",
          label: "Line",
          header: true,
          cell: ([, label]) => <bdi>{label}</bdi>,
          foot: "Total",
        },
        {
          key: "now",
          label: "Now",
          end: true,
          cell: ([lineId]) => (
            <Money amount={fromMinor(amount(before, lineId))} currency={currency} />
          ),
          foot: <Money amount={fromMinor(before.totalMinor)} currency={currency} />,
        },
        {
          key: "then",
          label: "Then",
          end: true,
          cell: ([lineId]) => (
            <Money amount={fromMinor(amount(after, lineId))} currency={currency} />
          ),
          foot: <Money amount={fromMinor(after.totalMinor)} currency={currency} />,
        },
        {
          key: "change",
          label: "Change",
          end: true,
          cell: ([lineId]) => (
            <Money
              amount={fromMinor(amount(after, lineId) - amount(before, lineId))}
              currency={currency}
            />
          ),
          foot: (
            <Money
              amount={fromMinor(after.totalMinor - before.totalMinor)}
              currency={currency}
            />
          ),
        },
      ]}
    />
  );
}
