import type { PlanMeter } from "@/lib/domain/plan.ts";
import { Money } from "../ui/Money.tsx";
import { phrase } from "../ui/phrase.ts";
import { Table } from "../ui/Table.tsx";
import { Units } from "../ui/Units.tsx";
import { useWords } from "./words.ts";

interface PriceRow {
  readonly key: string;
  readonly fromUnits: bigint;
  readonly toUnits: bigint | null;
  readonly unit: bigint | null;
  readonly per: bigint;
  readonly flat: bigint | null;
}

/** The prices of one meter in figures, beside their picture. */
export function PriceTable({ meter, currency }: { meter: PlanMeter; currency: string }) {
  const { say, meterWords } = useWords();
  return (
    <Table
      caption={say("prices_of", { meter: meterWords(meter.meter) })}
      rows={priceRows(meter)}
      rowKey={(row) => row.key}
      empty={null}
      cards={false}
      columns={[
        {
          key: "units",
          label: say("units_in_period"),
          header: true,
          cell: (row) =>
            row.toUnits === null
              ? phrase(say("units_above"), { units: <Units units={row.fromUnits} /> })
              : phrase(say("units_between"), {
                from: <Units units={row.fromUnits + 1n} />,
                to: <Units units={row.toUnits} />,
              }),
        },
        {
          key: "price",
          label: say("price"),
          end: true,
          cell: (row) => <PriceCell row={row} currency={currency} />,
        },
      ]}
    />
  );
}

function PriceCell({ row, currency }: { row: PriceRow; currency: string }) {
  const { say } = useWords();
  const { unit, per, flat } = row;
  const hasUnit = unit !== null && unit !== 0n;
  if (!hasUnit && flat === null) return <>{say("included")}</>;
  return (
    <>
      {hasUnit && phrase(say(per === 1n ? "price_each" : "price_per_started"), {
        price: <Money amount={unit} currency={currency} exact />,
        units: <Units units={per} />,
      })}
      {flat !== null && (
        <>
          {hasUnit && " + "}
          {phrase(say("price_once"), { price: <Money amount={flat} currency={currency} exact /> })}
        </>
      )}
    </>
  );
}

function priceRows({ price, includedUnits }: PlanMeter): readonly PriceRow[] {
  const base = { fromUnits: includedUnits, toUnits: null, per: 1n, flat: null };
  const free: readonly PriceRow[] = includedUnits === 0n || price.model === "flat"
    ? []
    : [{ ...base, key: "free", fromUnits: 0n, toUnits: includedUnits, unit: 0n }];
  switch (price.model) {
    case "per_unit":
      return [...free, { ...base, key: "unit", unit: price.unitAmount }];
    case "package":
      return [...free, {
        ...base,
        key: "package",
        unit: price.packageAmount,
        per: price.packageUnits,
      }];
    case "flat":
      return [{ ...base, key: "flat", fromUnits: 0n, unit: null, flat: price.amount }];
    case "graduated":
    case "volume": {
      let fromUnits = includedUnits;
      return [
        ...free,
        ...price.tiers.map((tier, at) => {
          const toUnits = tier.upTo === null ? null : tier.upTo + includedUnits;
          const row: PriceRow = {
            key: String(at),
            fromUnits,
            toUnits,
            unit: tier.unitAmount,
            per: 1n,
            flat: tier.flatAmount === 0n ? null : tier.flatAmount,
          };
          fromUnits = toUnits ?? fromUnits;
          return row;
        }),
      ];
    }
  }
}
