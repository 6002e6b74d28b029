/** A comparison that a person starts: progress, one at a time, and what dies leaves nothing half. */
import { assert, assertEquals } from "@std/assert";
import { createCursors } from "@/lib/auth/cursors.ts";
import { reconcile } from "@/lib/billing/reconcile.ts";
import { isDifference } from "@/lib/billing/reconcile_row.ts";
import { startReconcile } from "@/lib/billing/reconcile_run.ts";
import { createKvAuditLog } from "@/lib/kv/audit_store.ts";
import {
  followRun,
  loadReconcile,
  loadReport,
  reconcileCsv,
} from "@/lib/operator/load_reconcile.ts";
import { OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { must } from "@/tests/support/api_world.ts";
import { billingWorld, use } from "@/tests/support/billing_world.ts";
import { sampleTenant } from "@/tests/support/samples.ts";

const ACT: Act = { actor: { kind: "operator", id: "olga" }, ip: null, requestId: "req_1" };
const SINCE = Date.UTC(2026, 3, 1);

/** Many tenants with usage at Stripe, and the deps of use case and loader. */
async function tenants(count: number) {
  const names = Array.from({ length: count }, (_, at) => `ten_${String(at).padStart(3, "0")}`);
  const world = await billingWorld(
    ...names.map((tenantId) => sampleTenant({ tenantId, createdAtMs: SINCE })),
  );
  for (const tenantId of names) {
    await world.provision(tenantId);
    world.usage.use(use(100n, { tenantId }));
    await world.usage.flush({ tenantId, periodId: "2026-05-01" });
  }
  const auditKv = await Deno.openKv(":memory:");
  const deps = { ...world.deps, audit: createKvAuditLog(auditKv) };
  const loading = {
    billing: world.deps,
    clock: world.clock,
    cursors: createCursors("a secret of the tests"),
    tenants: world.tenants,
  };
  const page = async (query = "") => await loadReconcile(loading, new URLSearchParams(query));
  const report = async (reportId: string, query = "") =>
    await loadReport(loading, { reportId, query: new URLSearchParams(query) });
  const close = () => {
    world.close();
    auditKv.close();
  };
  return { ...world, names, deps, loading, page, report, close };
}

Deno.test("a run answers at once, tells how far it is, and ends in a report of its own id", async () => {
  const { deps, page, provider, report, close } = await tenants(7);
  const seen: (readonly [string, number, number])[] = [];
  const summaries = provider.summaries.bind(provider);
  provider.summaries = async (query) => {
    const { phase, run } = await page();
    seen.push([phase, run?.checked ?? -1, run?.total ?? -1]);
    return await summaries(query);
  };
  const { run, ended } = must(await startReconcile(deps, { act: ACT }));
  assertEquals([run.state, run.checked, run.total, run.startedBy], ["running", 0, 7, "olga"]);
  await ended;
  assertEquals(seen.map(([phase]) => phase), Array(seen.length).fill("running"));
  assertEquals([...new Set(seen.map(([, checked]) => checked))], [0, 1, 2, 3, 4, 5, 6]);
  const after = await page();
  assertEquals([after.phase, after.run?.checked], ["done", 7]);
  assertEquals((await report(run.runId))?.report.rows, 7);
  const { items } = await deps.audit.entries({ chain: OPERATOR_CHAIN, limit: 5 });
  assertEquals(items.map(({ action, subject, actor }) => [action, subject, actor.id]), [
    ["books.reconciled", run.runId, "olga"],
  ]);
  close();
});

Deno.test("of runs that are started at once one runs, and the others show it", async () => {
  const { deps, page, close } = await tenants(3);
  const started = await Promise.all(
    Array.from({ length: 4 }, () => startReconcile(deps, { act: ACT })),
  );
  const runs = started.map(must);
  assertEquals(runs.filter(({ ended }) => ended !== null).length, 1);
  await Promise.all(runs.map(({ ended }) => ended));
  assertEquals((await page()).reports.length, 1);
  const again = must(await startReconcile(deps, { act: ACT, tenantId: "ten_001" }));
  assertEquals(again.run.total, 1);
  await again.ended;
  const [newest] = (await page()).reports;
  assertEquals([newest?.reportId, newest?.rows], [again.run.runId, 1]);
  const unknown = await startReconcile(deps, { act: ACT, tenantId: "ten_none" });
  assertEquals(unknown.ok ? "" : unknown.error.code, "unknown_tenant");
  close();
});

Deno.test("a run that dies leaves no report, is seen to be dead, and makes room for the next", async () => {
  const { deps, page, clock, provider, report, close } = await tenants(3);
  const summaries = provider.summaries.bind(provider);
  let asked = 0;
  provider.summaries = (query) => ++asked < 3 ? summaries(query) : new Promise(() => {});
  const dead = must(await startReconcile(deps, { act: ACT }));
  while (asked < 3) await new Promise((resolve) => setTimeout(resolve));
  assertEquals((await page()).phase, "running");
  clock.advance(5 * 60_000);
  assertEquals([(await page()).phase, await report(dead.run.runId)], ["died", null]);
  provider.summaries = summaries;
  const next = must(await startReconcile(deps, { act: ACT }));
  await next.ended;
  assertEquals([(await page()).phase, (await page()).run?.runId], ["done", next.run.runId]);
  close();
});

Deno.test("a run that fails says why, and one tenant's failure is in the report", async () => {
  const { deps, page, provider, report, close } = await tenants(2);
  const summaries = provider.summaries.bind(provider);
  provider.summaries = (query) =>
    query.stripeCustomerId === "cus_ten_001"
      ? Promise.reject(new Error("Stripe is away"))
      : summaries(query);
  const partly = must(await startReconcile(deps, { act: ACT }));
  await partly.ended;
  assertEquals((await report(partly.run.runId))?.report.failures, [
    { tenantId: "ten_001", detail: "Stripe is away" },
  ]);
  const putReport = () => Promise.reject(new Error("The disk is full"));
  const broken = { ...deps, store: { ...deps.store, putReport } };
  const failed = must(await startReconcile(broken, { act: ACT }));
  await failed.ended;
  const { phase, run } = await page();
  assertEquals([phase, run?.detail], ["failed", "The disk is full"]);
  close();
});

Deno.test("rows that differ come first, and every row is on exactly one page", async () => {
  const { deps, provider, report, names, close } = await tenants(120);
  for (const tenantId of ["ten_007", "ten_055", "ten_119"]) {
    await provider.sendMeterEvent({
      identifier: `stranger of ${tenantId}`,
      eventName: "risk_score",
      stripeCustomerId: `cus_${tenantId}`,
      units: 1n,
      timestampMs: Date.UTC(2026, 4, 2),
      attempt: 1,
    });
  }
  const made = await reconcile(deps);
  const { reportId } = made.report;
  assertEquals(made.rows.findIndex((row) => !isDifference(row)), 3);
  const differ = await report(reportId, "show=differ");
  assertEquals(differ?.rows.map(({ tenantId }) => tenantId), ["ten_007", "ten_055", "ten_119"]);
  assertEquals(differ?.nextHref, null);
  const seen: string[] = [];
  for (let page = await report(reportId); page !== null;) {
    seen.push(...page.rows.map(({ tenantId }) => tenantId));
    if (page.nextHref === null) break;
    page = await report(reportId, page.nextHref.split("?")[1]);
  }
  assertEquals(seen.toSorted(), names);
  const own = await report(reportId, "tenant=ten_100");
  assertEquals(own?.rows.map(({ tenantId }) => tenantId), ["ten_100"]);
  const none = await report(reportId, "tenant=ten_100&show=differ");
  assertEquals(none?.rows, []);
  assertEquals((await report(reportId, "cursor=forged"))?.rows.length, 50);

  const csv = reconcileCsv(made.rows).split("\r\n");
  assertEquals(csv.length, 120 + 2);
  assertEquals(csv[1], "ten_007,risk_score,2026-05-01,100,101,101,0,0,0,0,-1");
  close();
});

Deno.test("reports have pages, newest first", async () => {
  const { deps, page, close } = await tenants(1);
  const ids: string[] = [];
  for (let run = 0; run < 33; run++) ids.unshift((await reconcile(deps)).report.reportId);
  const first = await page();
  const second = await page(first.nextHref?.split("?")[1]);
  assertEquals([...first.reports, ...second.reports].map(({ reportId }) => reportId), ids);
  assertEquals([first.firstHref, second.nextHref], [null, null]);
  assert(second.firstHref !== null);
  close();
});

Deno.test("a stream follows a run to its end and stops there", async () => {
  const { deps, loading, clock, provider, close } = await tenants(2);
  let release = () => {};
  const summaries = provider.summaries.bind(provider);
  const gate = new Promise<void>((resolve) => release = resolve);
  provider.summaries = async (query) => (await gate, await summaries(query));
  const { ended } = must(await startReconcile(deps, { act: ACT }));
  const told: boolean[] = [];
  const scheduler = {
    after: (delayMs: number, task: () => void) => {
      clock.advance(delayMs);
      release();
      ended?.then(task);
      return () => {};
    },
  };
  for await (const { data } of followRun(loading, scheduler)) told.push(data.running);
  assertEquals(told, [true, false]);
  close();
});
