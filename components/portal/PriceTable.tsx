import type { PlanMeter } from "@/lib/domain/plan.ts";
import { Money } from "../ui/Money.tsx";
import { Table } from "../ui/Table.tsx";
import { Units } from "../ui/Units.tsx";
import { meterLabel } from "@/lib/domain/meter.ts";

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
  return (
    <Table
      caption={`Prices of ${meterLabel(meter.meter)}`}
      rows={priceRows(meter)}
      rowKey={(row) => row.key}
      empty={null}
      cards={false}
      columns={[
        {
          key: "units",
          label: "Units in the period",
          header: true,
          cell: (row) =>
            row.toUnits === null
              ? (
                <>
                  above <Units units={row.fromUnits} />
                </>
              )
              : (
                <>
                  <Units units={row.fromUnits + 1n} /> to <Units units={row.toUnits} />
                </>
              ),
        },
        {
          key: "price",
          label: "Price",
          end: true,
          cell: (row) => <PriceCell row={row} currency={currency} />,
        },
      ]}
    />
  );
}

function PriceCell({ row, currency }: { row: PriceRow; currency: string }) {
  return (
    <>
      {row.unit === 0n && row.flat === null && "included"}
      {row.unit !== null && row.unit !== 0n && (
        <>
          <Money amount={row.unit} currency={currency} exact />{" "}
          <span class="muted">
            {row.per === 1n ? "each" : (
              <>
                per started <Units units={row.per} />
              </>
            )}
          </span>
        </>
      )}
      {row.flat !== null && (
        <>
          {row.unit !== null && row.unit !== 0n && " + "}
          <Money amount={row.flat} currency={currency} exact /> <span class="muted">once</span>
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
