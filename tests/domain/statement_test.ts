import { assertEquals } from "@std/assert";
import { periodAt } from "@/lib/domain/period.ts";
import { pricePeriod, priceStatement, type Statement } from "@/lib/domain/statement.ts";
import { emptyPlan, usd } from "@/tests/support/samples.ts";

const PLAN = emptyPlan({
  baseFee: usd("49"),
  meters: [
    {
      meter: "risk_score",
      price: { model: "per_unit", unitAmount: usd("0.004") },
      includedUnits: 1_000n,
      quota: null,
    },
    {
      meter: "screening",
      price: { model: "package", packageUnits: 100n, packageAmount: usd("1.50") },
      includedUnits: 0n,
      quota: null,
    },
  ],
});

function usage(counts: Record<string, bigint>): ReadonlyMap<string, bigint> {
  return new Map(Object.entries(counts));
}

function kinds(statement: Statement): readonly (readonly [string, bigint])[] {
  return statement.lines.map((line) => [line.kind, line.amountMinor] as const);
}

function credit(creditId: string, remainingMinor: bigint, priority = 50, expiresAtMs?: number) {
  return { creditId, remainingMinor, priority, expiresAtMs: expiresAtMs ?? null, createdAtMs: 0 };
}

Deno.test("a statement adds base fee and usage, each line rounded once", () => {
  const statement = priceStatement(PLAN, usage({ risk_score: 1_130n, screening: 101n }));
  assertEquals(kinds(statement), [
    ["base_fee", 4900n],
    ["usage", 0n],
    ["usage", 52n],
    ["usage", 300n],
  ]);
  assertEquals(statement.totalMinor, 5252n);
  assertEquals(new Set(statement.lines.map((line) => line.lineId)).size, 4);
});

Deno.test("a minimum commitment tops the period up, and only up to the minimum", () => {
  const committed = { ...PLAN, minimumCommitment: usd("100") };
  const statement = priceStatement(committed, usage({ screening: 100n }));
  assertEquals(statement.lines.at(-1)?.kind, "minimum_commitment");
  assertEquals(statement.totalMinor, 10_000n);
  const above = priceStatement(committed, usage({ screening: 10_000n }));
  assertEquals(kinds(above).some(([kind]) => kind === "minimum_commitment"), false);
});

Deno.test("forgiven money does not come back as a higher top-up", () => {
  const committed = { ...PLAN, minimumCommitment: usd("100") };
  const adjustments = [{ adjustmentId: "a1", amount: usd("-10"), note: "Outage on 3 May" }];
  assertEquals(priceStatement(committed, usage({}), { adjustments }).totalMinor, 9_000n);
});

Deno.test("credits pay for usage only, by priority, then soonest expiry", () => {
  const credits = [
    credit("late", 100n, 50, 2_000),
    credit("soon", 100n, 50, 1_000),
    credit("first", 50n, 10),
    credit("never", 1_000n),
  ];
  const statement = priceStatement(PLAN, usage({ screening: 200n }), { credits });
  assertEquals(statement.credits, [
    { creditId: "first", amountMinor: 50n },
    { creditId: "soon", amountMinor: 100n },
    { creditId: "late", amountMinor: 100n },
    { creditId: "never", amountMinor: 50n },
  ]);
  assertEquals(statement.totalMinor, 4900n);
});

Deno.test("usage without a price is shown, never billed", () => {
  const statement = priceStatement(PLAN, usage({ greeks: 5n, risk_score: 0n }));
  assertEquals(statement.unpriced, [{ meter: "greeks", units: 5n }]);
  assertEquals(statement.totalMinor, 4900n);
});

Deno.test("a plan change bills each version's own ladder and its fee by the second", () => {
  const period = periodAt(Date.UTC(2026, 3, 1), "month");
  const middle = Date.UTC(2026, 3, 16);
  const next = emptyPlan({ ...PLAN, revision: 2, planRevision: "growth@2", baseFee: usd("99") });
  const statement = pricePeriod([
    {
      plan: PLAN,
      usage: usage({ risk_score: 1_500n }),
      share: { fromMs: period.startMs, toMs: middle, period },
    },
    {
      plan: next,
      usage: usage({ risk_score: 1_500n }),
      share: { fromMs: middle, toMs: period.endMs, period },
    },
  ]);
  assertEquals(kinds(statement).filter(([, minor]) => minor !== 0n), [
    ["base_fee", 2450n],
    ["usage", 200n],
    ["base_fee", 4950n],
    ["usage", 200n],
  ]);
});
