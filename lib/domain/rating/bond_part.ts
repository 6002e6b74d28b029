import { type BondAnalytics, bondFromCleanPrice, bondFromYield } from "./bond.ts";
import { type CivilDay, formatCivilDay } from "./civil_day.ts";
import type { BondInstrument, Instrument } from "./instrument.ts";
import type { QuoteView } from "./quote.ts";
import { NOT_APPLICABLE, partRefused, type PartWithout, unpriced } from "./rating_parts.ts";
import { significant } from "./significant.ts";
import { billAnalytics } from "./treasury_bill.ts";

export interface BondPart {
  readonly status: "ok";
  readonly settlement_date: string;
  readonly accrued_interest: number | null;
  readonly clean_price: number | null;
  readonly dirty_price: number | null;
  readonly yield_to_maturity: number | null;
  readonly macaulay_duration: number | null;
  readonly modified_duration: number | null;
  readonly convexity: number | null;
  readonly dv01: number | null;
  /** Bank discount rate of a bill; null for a bond. */
  readonly discount_rate: number | null;
  readonly next_coupon_date: string | null;
  readonly ex_dividend: boolean;
  readonly methods: readonly string[];
}

export interface BondParameters {
  /** Null means the day of `as_of`. */
  readonly settlementDay: CivilDay | null;
  /** Prices the bond from this yield instead of from the quote. */
  readonly yieldToMaturity: number | null;
}

export interface BondInput {
  readonly instrument: Instrument;
  readonly view: QuoteView | null;
  readonly asOfDay: CivilDay;
  readonly parameters: BondParameters;
}

export function bondPart(input: BondInput): BondPart | PartWithout {
  const { bond } = input.instrument;
  if (bond === null) return NOT_APPLICABLE;
  const settlement = input.parameters.settlementDay ?? input.asOfDay;
  const price = input.view?.price ?? null;
  const { yieldToMaturity } = input.parameters;
  if (price === null && yieldToMaturity === null) return NO_PRICE;
  return bond.kind === "bill"
    ? billPart(bond, { settlement, price })
    : bulletPart(bond, { settlement, price, yieldToMaturity });
}

const NO_PRICE = unpriced(
  "Bond analytics need a price as a percentage of par, or parameters.yield_to_maturity",
);

function bulletPart(
  bond: BondInstrument,
  { settlement, price, yieldToMaturity }: {
    settlement: CivilDay;
    price: number | null;
    yieldToMaturity: number | null;
  },
): BondPart | PartWithout {
  const result = yieldToMaturity === null
    ? bondFromCleanPrice(bond, { settlement, cleanPrice: price ?? NaN })
    : bondFromYield(bond, { settlement, yieldToMaturity });
  return result.ok ? fields(bond, settlement, result.value) : partRefused(result.error);
}

function fields(bond: BondInstrument, settlement: CivilDay, value: BondAnalytics): BondPart {
  return {
    status: "ok",
    settlement_date: formatCivilDay(settlement),
    accrued_interest: significant(value.accruedInterest),
    clean_price: significant(value.cleanPrice),
    dirty_price: significant(value.dirtyPrice),
    yield_to_maturity: significant(value.yieldToMaturity),
    macaulay_duration: significant(value.macaulayDuration),
    modified_duration: significant(value.modifiedDuration),
    convexity: significant(value.convexity),
    dv01: significant(value.dv01),
    discount_rate: null,
    next_coupon_date: bond.couponFrequency === 0 ? null : formatCivilDay(value.position.next),
    ex_dividend: value.position.isExDividend,
    methods: BOND_METHODS[bond.yieldConvention],
  };
}

const BOND_METHODS = {
  street: ["bond.street"],
  icma: ["bond.icma"],
  ust_31cfr356: ["bond.ust_31cfr356"],
} as const;

const BILL_METHODS = ["bond.bill_31cfr356"] as const;

function billPart(
  bond: BondInstrument,
  { settlement, price }: { settlement: CivilDay; price: number | null },
): BondPart | PartWithout {
  if (price === null) return NO_PRICE;
  const result = billAnalytics({ price, settlement, maturity: bond.maturityDay });
  if (!result.ok) return partRefused(result.error);
  const bill = result.value;
  return {
    status: "ok",
    settlement_date: formatCivilDay(settlement),
    accrued_interest: 0,
    clean_price: significant(price),
    dirty_price: significant(price),
    yield_to_maturity: significant(bill.equivalentYield),
    macaulay_duration: significant(bill.years),
    modified_duration: significant(bill.modifiedDuration),
    convexity: significant(bill.convexity),
    dv01: significant(price * bill.modifiedDuration * 1e-4),
    discount_rate: significant(bill.discountRate),
    next_coupon_date: null,
    ex_dividend: false,
    methods: BILL_METHODS,
  };
}
