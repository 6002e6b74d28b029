import { assert, assertEquals } from "@std/assert";
import { diffPlansFile, proposePlansFile, publishProposed } from "@/lib/catalog/apply_plans.ts";
import type { CatalogDeps } from "@/lib/catalog/deps.ts";
import { dryRunPlan } from "@/lib/catalog/dry_run.ts";
import { migrateTenants } from "@/lib/catalog/migrate_tenants.ts";
import type { PlanTerms } from "@/lib/catalog/plan_definition.ts";
import { archivePlan, publishPlan } from "@/lib/catalog/publish_plan.ts";
import { previewDraft, saveDraft } from "@/lib/catalog/save_draft.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import { accept, type Result } from "@/lib/domain/result.ts";
import { createKvDryRunStore } from "@/lib/kv/dry_run_store.ts";
import { CountingIds, FixedClock } from "@/tests/support/fixed_effects.ts";
import { createMemoryPlanStore } from "@/tests/support/memory_plan_store.ts";
import { MemoryTenants } from "@/tests/support/memory_tenants.ts";
import { emptyPlan, sampleTenant, usd } from "@/tests/support/samples.ts";

const HOUR = 3_600_000;

function code(result: Result<unknown>): string {
  return result.ok ? "ok" : result.error.code;
}

function terms(unitAmount: string, changes: Partial<PlanVersion> = {}): PlanTerms {
  return emptyPlan({
    meters: [{
      meter: "risk_score",
      price: { model: "per_unit", unitAmount: usd(unitAmount) },
      includedUnits: 0n,
      quota: null,
    }],
    ...changes,
  });
}

/** Tenant `ten_a` used 1,000 units in each of March, April and May; `ten_b` used none. */
async function world() {
  const kv = await Deno.openKv(":memory:");
  const clock = new FixedClock(Date.UTC(2026, 4, 15));
  const tenants = new MemoryTenants(
    sampleTenant({ tenantId: "ten_a", createdAtMs: 0 }),
    sampleTenant({ tenantId: "ten_b", createdAtMs: 0 }),
    sampleTenant({ tenantId: "ten_c", planRevision: "other@1" }),
  );
  const provisioned: string[] = [];
  const deps: CatalogDeps = {
    clock,
    ids: new CountingIds(),
    plans: createMemoryPlanStore(),
    dryRuns: createKvDryRunStore(kv),
    tenants,
    usage: {
      periodTotals: ({ tenantId, periodId }) =>
        Promise.resolve(
          tenantId === "ten_a" && periodId >= "2026-03-01"
            ? [{ meter: "risk_score", planRevision: "growth@1", units: 1_000n }]
            : [],
        ),
    },
    provider: {
      checkPlan: (plan) => accept(plan),
      ensurePlan: (plan) => {
        provisioned.push(plan.planRevision);
        return Promise.resolve({ planRevision: plan.planRevision, productId: "prod", prices: [] });
      },
    },
  };
  return { deps, clock, tenants, provisioned, close: () => kv.close() };
}

async function publishTerms(deps: CatalogDeps, next: PlanTerms): Promise<Result<PlanVersion>> {
  const saved = await saveDraft(deps, next);
  assert(saved.ok && saved.value.draft !== null);
  const planRevision = saved.value.draft.planRevision;
  const shown = await dryRunPlan(deps, planRevision);
  assert(shown.ok);
  return await publishPlan(deps, { planRevision, dryRunId: shown.value.dryRun.dryRunId });
}

Deno.test("a price change is replayed over real usage: who wins, who loses, what it brings", async () => {
  const { deps, close } = await world();
  assertEquals(code(await publishTerms(deps, terms("0.01"))), "ok");
  const saved = await saveDraft(deps, terms("0.012"));
  assert(saved.ok);
  const shown = await dryRunPlan(deps, "growth@2", { periods: 2 });
  assert(shown.ok);
  const { dryRun, rows } = shown.value;
  assertEquals(dryRun.periodIds, ["2026-03-01", "2026-04-01", "2026-05-01"]);
  assertEquals([dryRun.tenants, dryRun.losers, dryRun.winners, dryRun.unchanged], [2, 1, 0, 1]);
  assertEquals([dryRun.beforeMinor, dryRun.afterMinor], [3000n, 3600n]);
  assertEquals(rows[0]?.tenantId, "ten_a");
  assertEquals(rows[0]?.changeMinor, 600n);
  assertEquals(await deps.dryRuns.dryRun(dryRun.dryRunId), dryRun);
  const page = await deps.dryRuns.dryRunRows({ dryRunId: dryRun.dryRunId, limit: 10 });
  assertEquals(page, { rows, cursor: null });
  close();
});

Deno.test("a dry run names meters that lose their price and units that a quota would refuse", async () => {
  const { deps, close } = await world();
  await publishTerms(deps, terms("0.01"));
  await saveDraft(deps, terms("0.01", { meters: [], baseFee: usd("5") }));
  const dropped = await dryRunPlan(deps, "growth@2", { periods: 1 });
  assert(dropped.ok);
  assertEquals(dropped.value.rows[0]?.unpricedMeters, ["risk_score"]);
  const [meter] = terms("0.01").meters;
  assert(meter !== undefined);
  const capped = { ...meter, quota: { units: 400n, enforcement: "hard" as const } };
  await saveDraft(deps, terms("0.01", { meters: [capped] }));
  const result = await dryRunPlan(deps, "growth@2", { periods: 1, includeCurrent: false });
  assert(result.ok);
  assertEquals(result.value.rows.map((row) => row.refusedUnits), [600n, 0n]);
  close();
});

Deno.test("publishing needs a fresh dry run of exactly these terms", async () => {
  const { deps, clock, provisioned, close } = await world();
  await saveDraft(deps, terms("0.01"));
  const planRevision = "growth@1";
  const publish = async (dryRunId: string) =>
    code(await publishPlan(deps, { planRevision, dryRunId }));
  assertEquals(await publish("dry_9999"), "dry_run_required");
  const first = await dryRunPlan(deps, planRevision);
  assert(first.ok);
  await saveDraft(deps, terms("0.02"));
  assertEquals(await publish(first.value.dryRun.dryRunId), "dry_run_stale");
  const second = await dryRunPlan(deps, planRevision);
  assert(second.ok);
  clock.advance(24 * HOUR + 1);
  assertEquals(await publish(second.value.dryRun.dryRunId), "dry_run_stale");
  clock.advance(-1);
  assertEquals(provisioned, []);
  assertEquals(await publish(second.value.dryRun.dryRunId), "ok");
  assertEquals(provisioned, ["growth@1"]);
  assertEquals(await publish(second.value.dryRun.dryRunId), "not_a_draft");
  close();
});

Deno.test("a published version never changes: new terms become the next revision", async () => {
  const { deps, close } = await world();
  await publishTerms(deps, terms("0.01"));
  assertEquals(await saveDraft(deps, terms("0.01")), accept({ draft: null, changes: [] }));
  await saveDraft(deps, terms("0.02"));
  await saveDraft(deps, terms("0.03"));
  const versions = await deps.plans.plans("growth");
  assertEquals(versions.map(({ planRevision, status }) => [planRevision, status]), [
    ["growth@2", "draft"],
    ["growth@1", "published"],
  ]);
  const price = versions[1]?.meters[0]?.price;
  assertEquals(price, { model: "per_unit", unitAmount: usd("0.01") });
  assertEquals((await previewDraft(deps, terms("0.01"))).length, 0);
  close();
});

Deno.test("another currency or interval needs another plan", async () => {
  const { deps, close } = await world();
  await publishTerms(deps, terms("0.01"));
  await saveDraft(deps, terms("0.01", { currency: "eur" }));
  assertEquals(code(await dryRunPlan(deps, "growth@2")), "currency_changed");
  await saveDraft(deps, terms("0.01", { interval: "year" }));
  assertEquals(code(await dryRunPlan(deps, "growth@2")), "interval_changed");
  close();
});

Deno.test("a plan in use can't be archived", async () => {
  const { deps, tenants, close } = await world();
  await publishTerms(deps, terms("0.01"));
  assertEquals(code(await archivePlan(deps, "growth@1")), "plan_in_use");
  for (const tenantId of ["ten_a", "ten_b"]) {
    tenants.set(sampleTenant({ tenantId, status: "closed" }));
  }
  assertEquals(code(await archivePlan(deps, "growth@1")), "ok");
  assertEquals(code(await archivePlan(deps, "growth@7")), "not_found");
  close();
});

Deno.test("a file is diffed, proposed and published, and then differs no more", async () => {
  const { deps, close } = await world();
  const file = { meters: ["risk_score"], plans: [terms("0.01"), terms("0.02", { planId: "big" })] };
  assertEquals((await diffPlansFile(deps, file)).map(({ planId }) => planId), ["growth", "big"]);
  const proposed = await proposePlansFile(deps, file);
  assert(proposed.ok);
  assertEquals(code(await publishProposed(deps, proposed.value)), "ok");
  assertEquals(await diffPlansFile(deps, file), []);
  assertEquals(await proposePlansFile(deps, file), accept([]));
  close();
});

Deno.test("migrating moves each tenant by itself and can be repeated", async () => {
  const { deps, tenants, close } = await world();
  await publishTerms(deps, terms("0.01"));
  await publishTerms(deps, terms("0.02"));
  const changePlan = ({ tenantId, planRevision }: { tenantId: string; planRevision: string }) => {
    if (tenantId === "ten_b") {
      return Promise.resolve({
        ok: false as const,
        error: { code: "provider_down", detail: "Try again" },
      });
    }
    tenants.set({ ...tenants.get(tenantId), planRevision });
    return Promise.resolve(accept(null));
  };
  const move = () =>
    migrateTenants({ ...deps, changePlan }, {
      planRevision: "growth@2",
      tenantIds: ["ten_a", "ten_b"],
    });
  const kinds = (result: Awaited<ReturnType<typeof move>>) =>
    result.ok ? result.value.map(({ outcome }) => outcome.kind) : [];
  assertEquals(kinds(await move()), ["moved", "refused"]);
  assertEquals(kinds(await move()), ["already_there", "refused"]);
  close();
});
