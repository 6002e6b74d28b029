import { assert, assertEquals } from "@std/assert";
import { explainHour, explainLine } from "@/lib/billing/explain_line.ts";
import { invoiceStatement } from "@/lib/billing/invoice_statement.ts";
import { previewBilling } from "@/lib/billing/preview_billing.ts";
import { changePlan } from "@/lib/billing/change_plan.ts";
import type { RequestQuery, RequestRecord } from "@/lib/ports/traffic.ts";
import { billingWorld, use } from "@/tests/support/billing_world.ts";

function traffic(...records: RequestRecord[]) {
  return { recent: () => Promise.resolve({ items: records, cursor: null }) };
}

function call(requestId: string, atMs: number): RequestRecord {
  return {
    requestId,
    tenantId: "ten_a",
    keyId: "key",
    atMs,
    route: "POST /v1/ratings",
    status: 200,
    code: null,
    units: 1n,
    cost: 0n,
    latencyMicros: 100,
  };
}

Deno.test("a statement names its plan, period and state, and refuses periods that never were", async () => {
  const { deps, usage, provision, close } = await billingWorld();
  await provision();
  usage.use(use(600n));
  const open = await invoiceStatement(deps, { tenantId: "ten_a" });
  assert(open.ok);
  assertEquals([open.value.state, open.value.planName, open.value.period.periodId], [
    "open",
    "Growth",
    "2026-05-01",
  ]);
  assertEquals(open.value.statement.totalMinor, 4_900n + 500n);
  for (const periodId of ["2026-05-02", "2026-06-01", "2020-01-01", "x"]) {
    const result = await invoiceStatement(deps, { tenantId: "ten_a", periodId });
    assertEquals(result.ok ? "ok" : result.error.code, "period_not_found");
  }
  close();
});

Deno.test("an invoice line opens into the days and hours whose units it bills, rung by rung", async () => {
  const { deps, usage, provision, close } = await billingWorld();
  await provision();
  usage.use(use(80n, { hour: 8 }));
  usage.use(use(70n, { hour: 9 }));
  usage.use(use(1_000n, { hour: 10 }));
  const at = (hour: number) => Date.UTC(2026, 4, 3, hour);
  const open = async (index: number) => {
    const lineId = `usage-risk_score-growth@1-${index}`;
    const result = await explainLine({ ...deps, traffic: traffic() }, {
      tenantId: "ten_a",
      lineId,
      dayMs: at(0),
    });
    assert(result.ok, lineId);
    return result.value;
  };
  assertEquals((await open(0)).hours, [
    { startMs: at(8), units: 80n, billedUnits: 80n },
    { startMs: at(9), units: 70n, billedUnits: 20n },
  ]);
  assertEquals((await open(0)).days, [{ startMs: at(0), units: 1_150n, billedUnits: 100n }]);
  const first = await open(1);
  assertEquals(first.hours, [
    { startMs: at(9), units: 70n, billedUnits: 50n },
    { startMs: at(10), units: 1_000n, billedUnits: 950n },
  ]);
  assertEquals([first.unplacedUnits, first.line.units], [0n, 1_000n]);
  assertEquals((await open(2)).hours, [{ startMs: at(10), units: 1_000n, billedUnits: 50n }]);
  close();
});

Deno.test("an hour opens into windows and the calls that are still kept", async () => {
  const { deps, usage, close } = await billingWorld();
  const hourStartMs = Date.UTC(2026, 4, 3, 9);
  usage.use(use(5n));
  const asked: unknown[] = [];
  const calls = {
    recent: (query: RequestQuery) => {
      asked.push(query.between);
      return traffic(call("req_2", hourStartMs + 1_800_000)).recent();
    },
  };
  const opened = await explainHour({ ...deps, traffic: calls }, {
    tenantId: "ten_a",
    meter: "risk_score",
    hourStartMs,
  });
  assertEquals(opened.windows, [
    { startMs: hourStartMs + 1_800_000, meter: "risk_score", units: 5n },
  ]);
  assertEquals(opened.calls.map(({ requestId }) => requestId), ["req_2"]);
  assertEquals(opened.moreCalls, false);
  assertEquals(asked, [{ fromMs: hourStartMs, toMs: hourStartMs + 3_600_000 }]);
  close();
});

Deno.test("of a busy hour the newest hundred calls are told, and that there are more", async () => {
  const { deps, close } = await billingWorld();
  const hourStartMs = Date.UTC(2026, 4, 3, 9);
  const records = Array.from({ length: 150 }, (_, at) => call(`req_${at}`, hourStartMs + at));
  const opened = await explainHour({ ...deps, traffic: traffic(...records.reverse()) }, {
    tenantId: "ten_a",
    meter: "risk_score",
    hourStartMs,
  });
  assertEquals([opened.calls.length, opened.calls[0]?.requestId], [100, "req_149"]);
  assert(opened.moreCalls);
  close();
});

Deno.test("after a plan change each line opens into its own plan's hours", async () => {
  const { deps, usage, clock, provision, close } = await billingWorld();
  await provision();
  usage.use(use(200n, { day: 10 }));
  await changePlan(deps, { tenantId: "ten_a", planRevision: "scale@1" });
  clock.advance(86_400_000);
  usage.use(use(300n, { day: 16, hour: 1, planRevision: "scale@1" }));
  const lineId = "usage-risk_score-scale@1-1";
  const dayMs = Date.UTC(2026, 4, 16);
  const result = await explainLine({ ...deps, traffic: traffic() }, {
    tenantId: "ten_a",
    lineId,
    dayMs,
  });
  assert(result.ok);
  assertEquals(result.value.days, [{ startMs: dayMs, units: 300n, billedUnits: 200n }]);
  assertEquals(result.value.hours, [
    { startMs: Date.UTC(2026, 4, 16, 1), units: 300n, billedUnits: 200n },
  ]);
  close();
});

Deno.test("a preview is the bill so far and where it is heading, with its method", async () => {
  const { deps, usage, clock, provision, close } = await billingWorld();
  await provision();
  for (let day = 1; day <= 28; day++) usage.use(use(100n, { month: 3, day }));
  for (let day = 1; day <= 14; day++) usage.use(use(100n, { day }));
  clock.atMs = Date.UTC(2026, 4, 15);
  const preview = await previewBilling(deps, { tenantId: "ten_a" });
  assert(preview.ok);
  const risk = preview.value.meters.find(({ meter }) => meter === "risk_score");
  assertEquals(risk?.units, 1_400n);
  assertEquals(risk?.projection.method, "weekday_mean");
  assert(risk !== undefined && risk.projection.units >= 2_900n && risk.projection.units <= 3_100n);
  const { low, likely, high } = preview.value.projected;
  assert(low.totalMinor <= likely.totalMinor && likely.totalMinor <= high.totalMinor);
  assert(preview.value.statement.totalMinor < likely.totalMinor);
  close();
});
