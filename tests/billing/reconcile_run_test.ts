/** A comparison that a person starts: progress, one at a time, and what dies leaves nothing half. */
import { assert, assertEquals } from "@std/assert";
import { createCursors } from "@/lib/auth/cursors.ts";
import { reconcile } from "@/lib/billing/reconcile.ts";
import { isDifference } from "@/lib/billing/reconcile_row.ts";
import { resumeReconcile, startReconcile } from "@/lib/billing/reconcile_run.ts";
import { createKvAuditLog } from "@/lib/kv/audit_store.ts";
import { createKvBillingStore } from "@/lib/kv/billing_store.ts";
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
import { reconcileScene } from "@/tests/support/reconcile_scene.ts";
import { sampleTenant } from "@/tests/support/samples.ts";

const ACT: Act = { actor: { kind: "operator", id: "olga" }, ip: null, requestId: "req_1" };
const SINCE = Date.UTC(2026, 3, 1);

function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

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
  const kv = await Deno.openKv(":memory:");
  const billing = { ...world.deps, store: createKvBillingStore(kv) };
  const deps = { ...billing, audit: createKvAuditLog(kv) };
  const loading = {
    billing,
    clock: world.clock,
    cursors: createCursors("a secret of the tests"),
    tenants: world.tenants,
  };
  const page = async (query = "") => await loadReconcile(loading, new URLSearchParams(query));
  const report = async (reportId: string, query = "") =>
    await loadReport(loading, { reportId, query: new URLSearchParams(query) });
  const close = () => {
    world.close();
    kv.close();
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

/** A world whose run has hung, as one does whose instance was killed, after some tenants. */
async function interrupted(count: number, after: number) {
  const world = await tenants(count);
  const summaries = world.provider.summaries.bind(world.provider);
  const asked: string[] = [];
  let hangs = false;
  world.provider.summaries = (query) => {
    if (asked.length === after) {
      hangs = true;
      return new Promise(() => {});
    }
    asked.push(query.stripeCustomerId);
    return summaries(query);
  };
  const { run } = must(await startReconcile(world.deps, { act: ACT }));
  while (!hangs) await nextTask();
  world.provider.summaries = (query) => {
    asked.push(query.stripeCustomerId);
    return summaries(query);
  };
  const resume = (budgetMs = 60_000) => resumeReconcile(world.deps, { budgetMs });
  return { ...world, run, asked, resume };
}

Deno.test("a run that was interrupted is gone on with from its place, once its instance is silent", async () => {
  const { run, asked, resume, page, clock, report, deps, names, close } = await interrupted(7, 3);
  assertEquals([await resume(), (await page()).phase], [false, "running"], "it may be alive");
  clock.advance(2 * 60_000);
  assertEquals(await report(run.runId), null, "nothing half is ever seen");
  assertEquals(await resume(), true);
  const { phase, run: after, reports } = await page();
  assertEquals([phase, after?.runId, after?.checked, reports.length], ["done", run.runId, 7, 1]);
  const made = await report(run.runId);
  assertEquals(made?.rows.map(({ tenantId }) => tenantId), names);
  assertEquals(asked, names.map((name) => `cus_${name}`), "no tenant twice");
  const { items } = await deps.audit.entries({ chain: OPERATOR_CHAIN, limit: 5 });
  assertEquals(items.map(({ action, actor, requestId }) => [action, actor.id, requestId]), [
    ["books.reconciled", "olga", "req_1"],
  ]);
  assertEquals(await resume(), false);
  close();
});

Deno.test("of many instances that find an interrupted run, or start one, one gets on with it", async () => {
  const { run, asked, resume, clock, report, deps, page, names, close } = await interrupted(6, 2);
  clock.advance(2 * 60_000);
  const [started, ...resumed] = await Promise.all([
    startReconcile(deps, { act: ACT }),
    resume(),
    resume(),
  ]);
  const { run: same, ended } = must(started);
  await ended;
  assertEquals(same.runId, run.runId, "an interrupted run comes before a new one");
  assertEquals(resumed.filter((did) => did).length + Number(ended !== null), 1);
  assertEquals([(await page()).phase, (await report(run.runId))?.report.rows], ["done", 6]);
  assertEquals(asked.toSorted(), names.map((name) => `cus_${name}`));
  close();
});

Deno.test("an instance that wakes up after its run was taken over adds nothing to it", async () => {
  const { deps, provider, clock, report, names, close } = await tenants(4);
  const summaries = provider.summaries.bind(provider);
  let wake = () => {};
  const slept = new Promise<void>((resolve) => wake = resolve);
  let asleep = false;
  provider.summaries = async (query) => {
    if (!asleep && query.stripeCustomerId === "cus_ten_002") {
      asleep = true;
      await slept;
    }
    return await summaries(query);
  };
  const first = must(await startReconcile(deps, { act: ACT }));
  while (!asleep) await nextTask();
  clock.advance(2 * 60_000);
  assert(await resumeReconcile(deps, { budgetMs: 60_000 }));
  wake();
  await first.ended;
  const made = await report(first.run.runId);
  assertEquals(made?.rows.map(({ tenantId }) => tenantId), names);
  assertEquals((await deps.store.reconcileRun())?.value.state, "done");
  assertEquals((await deps.audit.entries({ chain: OPERATOR_CHAIN, limit: 5 })).items.length, 1);
  close();
});

Deno.test("recurring work spends its budget on an interrupted run, and the next goes on at once", async () => {
  const { run, resume, clock, provider, page, report, close } = await interrupted(6, 1);
  const summaries = provider.summaries.bind(provider);
  provider.summaries = (query) => (clock.advance(10_000), summaries(query));
  clock.advance(2 * 60_000);
  const steps: number[] = [];
  while (await resume(20_000)) steps.push((await page()).run?.checked ?? 0);
  assertEquals(steps, [3, 5, 6]);
  assertEquals((await report(run.runId))?.report.rows, 6);
  close();
});

for (const line of ["putReport", "reconcileParts"] as const) {
  Deno.test(`a run whose instance dies at ${line} ends in one complete report all the same`, async () => {
    const { deps, clock, report, page, close } = await tenants(3);
    let isDead = false;
    const original = deps.store[line].bind(deps.store) as (...args: unknown[]) => Promise<unknown>;
    const store = {
      ...deps.store,
      // Its work takes effect, and it is never heard of again.
      [line]: async (...args: unknown[]) => {
        await original(...args);
        isDead = true;
        return await new Promise(() => {});
      },
    };
    const dying = { ...deps, store };
    const { run } = must(await startReconcile(dying, { act: ACT }));
    while (!isDead) await nextTask();
    clock.advance(2 * 60_000);
    assert(await resumeReconcile(deps, { budgetMs: 60_000 }));
    assertEquals([(await page()).phase, (await report(run.runId))?.report.rows], ["done", 3]);
    assertEquals((await page()).reports.length, 1);
    close();
  });
}

Deno.test("a run of one tenant that nobody takes up is shown as interrupted", async () => {
  const { page, clock, close } = await interrupted(2, 0);
  clock.advance(4 * 60_000);
  assertEquals((await page()).phase, "running", "recurring work has a minute to take it up");
  clock.advance(2 * 60_000);
  assertEquals((await page()).phase, "died");
  close();
});

Deno.test({
  name: "a run whose process is killed in the middle is finished by another on the same database",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/books.db`;
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        new URL("../support/reconcile_child.ts", import.meta.url).href,
        path,
      ],
      cwd: new URL("../../", import.meta.url),
      stdout: "piped",
    }).spawn();
    try {
      const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      let said = "";
      while (!said.includes("stuck")) {
        const { value, done } = await lines.read();
        assert(!done, `the child ended: ${said}`);
        said += value;
      }
      child.kill("SIGKILL");
      await child.status;
      await lines.cancel();
      const { deps, names, world, kv } = await reconcileScene(path, 5);
      const before = (await deps.store.reconcileRun())?.value;
      assertEquals([before?.state, before?.checked], ["running", 2]);
      assertEquals(await deps.store.report(before?.runId ?? ""), null);
      world.clock.advance(2 * 60_000);
      const { run, ended } = must(await startReconcile(deps, { act: ACT }));
      assertEquals(run.runId, before?.runId);
      await ended;
      const rows = await deps.store.reportRows({ reportId: run.runId });
      assertEquals(rows.map(({ tenantId }) => tenantId), names);
      assertEquals((await deps.store.reconcileRun())?.value.state, "done");
      world.close();
      kv.close();
    } finally {
      try {
        child.kill("SIGKILL");
      } catch {
        // Gone, as it should be.
      }
      await Deno.remove(folder, { recursive: true });
    }
  },
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
