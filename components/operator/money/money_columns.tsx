import { fromMinor } from "@/lib/domain/money.ts";
import { Money } from "../../ui/Money.tsx";
import type { Column } from "../../ui/Table.tsx";
import { ProposedBy } from "./ProposedBy.tsx";

interface Proposed {
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly approver: string | null;
}

/** Columns that tables of proposed money share. */
export const AMOUNT_COLUMN: Column<Pick<Proposed, "amountMinor" | "currency">> = {
  key: "amount",
  label: "Amount",
  end: true,
  cell: ({ amountMinor, currency }) => (
    <Money
      amount={fromMinor(amountMinor)}
      currency={currency}
    />
  ),
};

export const BY_COLUMN: Column<Omit<Proposed, "amountMinor" | "currency">> = {
  key: "who",
  label: "By",
  cell: ({ createdBy, createdAtMs, approver }) => (
    <ProposedBy author={createdBy} atMs={createdAtMs} decidedBy={approver} />
  ),
};
