/** The worked tables of docs/pricing.md, computed again. */
import { assert, assertEquals } from "@std/assert";
import { parsePlanDefinition } from "@/lib/catalog/plan_definition.ts";
import { formatMinorDecimal } from "@/lib/domain/money.ts";
import { periodAt } from "@/lib/domain/period.ts";
import type { PlanMeter } from "@/lib/domain/plan.ts";
import { priceUnits } from "@/lib/domain/pricing.ts";
import { prorateChange } from "@/lib/domain/proration.ts";
import { usd } from "@/tests/support/samples.ts";

const TEXT = await Deno.readTextFile(new URL("../../docs/pricing.md", import.meta.url));

interface Section {
  readonly title: string;
  readonly json: string | null;
  readonly rows: readonly (readonly string[])[];
}

const WORKED = TEXT.split(/^### /m).slice(1).map(readSection)
  .filter(({ title }) => title.endsWith("(worked)"));
const PRICES = WORKED.filter(({ json }) => json !== null);

for (const section of PRICES) {
  Deno.test(`docs/pricing.md: ${section.title}`, () => {
    const { price, includedUnits } = readMeter(section.json ?? "");
    assert(section.rows.length > 0);
    for (const [units = "", bill] of section.rows) {
      const { amountMinor } = priceUnits(price, includedUnits, BigInt(units));
      assertEquals(formatMinorDecimal(amountMinor, "usd"), bill, `${units} units`);
    }
  });
}

Deno.test("docs/pricing.md: Proration (worked)", () => {
  const section = WORKED.find(({ title }) => title.startsWith("Proration"));
  assert(section !== undefined && section.rows.length > 0);
  const period = periodAt(Date.UTC(2026, 3, 1), "month");
  const atMs = Date.UTC(2026, 3, 16);
  for (const [from = "", to = "", credit, debit, net] of section.rows) {
    const change = prorateChange({ from: usd(from), to: usd(to) }, { period, atMs });
    const shown = [change.creditMinor, change.debitMinor, change.netMinor]
      .map((minor) => formatMinorDecimal(minor, "usd"));
    assertEquals(shown, [credit, debit, net]);
  }
});

Deno.test("docs/pricing.md works through every price model", () => {
  const models = PRICES.map(({ json }) => readMeter(json ?? "").price.model);
  assertEquals([...new Set(models)].sort(), ["flat", "graduated", "package", "per_unit", "volume"]);
});

function readSection(text: string): Section {
  const title = text.slice(0, text.indexOf("\n")).trim();
  const json = /```json\n([\s\S]*?)```/.exec(text)?.[1] ?? null;
  const rows = text.split("\n").filter((line) => /^\|\s*-?\d/.test(line))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  return { title, json, rows };
}

/** The price as a plan would hold it; `included_units` stands beside the price in a plan. */
function readMeter(json: string): PlanMeter {
  const { included_units = 0, ...price } = JSON.parse(json);
  const plan = {
    plan_id: "worked",
    name: "Worked",
    currency: "usd",
    interval: "month",
    meters: [{ meter: "units", included_units, price }],
    limits: { requests_per_second: 1, burst: 1 },
  };
  const parsed = parsePlanDefinition(plan, new Set(["units"]));
  assert(parsed.ok, parsed.ok ? "" : parsed.error.detail);
  const [meter] = parsed.value.meters;
  assert(meter !== undefined);
  return meter;
}
