import Papa from "papaparse";
import { assert, assertEquals } from "@std/assert";
import { adjustMoney } from "@/lib/billing/adjust.ts";
import { grantCredit } from "@/lib/billing/grant_credit.ts";
import { invoiceStatement } from "@/lib/billing/invoice_statement.ts";
import { statementCsv } from "@/lib/billing/statement_csv.ts";
import { statementView } from "@/lib/billing/statement_view.ts";
import { LANGUAGES } from "@/lib/i18n/messages.ts";
import { billingWorld, use } from "@/tests/support/billing_world.ts";

async function sample() {
  const { deps, usage, provision, close } = await billingWorld();
  await provision();
  usage.use(use(1_300n));
  await adjustMoney(deps, {
    tenantId: "ten_a",
    amountMinor: -250n,
    note: '=HYPERLINK("https://evil.example")',
    createdBy: "op",
  });
  await grantCredit(deps, {
    tenantId: "ten_a",
    name: "Start",
    category: "promotional",
    amountMinor: 100n,
    expiresAtMs: null,
    creditId: "crd_1",
  });
  const statement = await invoiceStatement(deps, { tenantId: "ten_a" });
  close();
  assert(statement.ok);
  return statement.value;
}

Deno.test("a CSV holds every line exactly and adds up to the total", async () => {
  const statement = await sample();
  const parsed: { errors: unknown[]; data: Record<string, string>[] } = Papa.parse(
    statementCsv(statement).trimEnd(),
    { header: true },
  );
  assertEquals(parsed.errors, []);
  const cents = parsed.data.map((row) => BigInt((row["amount"] ?? "").replace(".", "")));
  assertEquals(cents.reduce((sum, value) => sum + value, 0n), statement.statement.totalMinor);
  const tier = parsed.data.find((row) => row["tier"] === "1");
  assertEquals([tier?.["units"], tier?.["unit_amount"], tier?.["amount"]], [
    "1000",
    "0.01",
    "10.00",
  ]);
});

Deno.test("a note can't run as a formula, and a negative amount stays a number", async () => {
  const csv = statementCsv(await sample(), "de");
  assert(!/(^|,)"?=/m.test(csv));
  const note = '=HYPERLINK("https://evil.example")';
  const text = statementCsv({ ...await sample(), planName: note });
  assert(!/(^|,)"?=/m.test(text));
  assert(csv.includes(",-2.50,-2.50,USD"));
});

Deno.test("a statement reads in every language, with the locale's own numbers", async () => {
  const statement = await sample();
  const titles = LANGUAGES.map((language) => statementView(statement, language).title);
  assertEquals(new Set(titles).size, LANGUAGES.length);
  const german = statementView(statement, "de-DE");
  assertEquals(german.lines.map(({ description }) => description).slice(0, 3), [
    "Grundgebühr, Growth",
    "Risikobewertungen, inklusive",
    "Risikobewertungen, Stufe 1",
  ]);
  assertEquals(german.lines[2]?.quantity, "1.000");
  assertEquals(german.totals.at(-1), { term: "Zu zahlen", value: "56,50\u00a0$" });
  const japanese = statementView(statement, "ja-JP");
  assertEquals(japanese.facts[0]?.value, "2026年5月1日 – 2026年5月31日");
});
