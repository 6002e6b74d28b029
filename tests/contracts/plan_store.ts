import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { PlanStore } from "@/lib/ports/tenancy.ts";
import { tierLadder } from "@/lib/domain/tiers.ts";

export interface PlanStoreFixture {
  readonly store: PlanStore;
  epoch(): Promise<string | null>;
  close(): void;
}

/** What every PlanStore must do; run against the in-memory one and the one over Deno KV. */
export function testPlanStore(name: string, open: () => Promise<PlanStoreFixture>): void {
  Deno.test(`${name} returns a plan version exactly as it was put`, async () => {
    const { store, close } = await open();
    const plan = samplePlan("growth", 1);
    assertEquals(await store.putPlan(plan, null), { ok: true });
    assertEquals((await store.plan("growth@1"))?.value, plan);
    assertEquals(await store.plan("growth@2"), null);
    assertEquals(await store.plan("growth"), null);
    close();
  });

  Deno.test(`${name} refuses to create twice and to write over a newer version`, async () => {
    const { store, close } = await open();
    const plan = samplePlan("growth", 1);
    assertEquals((await store.putPlan(plan, null)).ok, true);
    assertEquals(await store.putPlan(plan, null), { ok: false, code: "conflict" });
    const found = await store.plan("growth@1");
    assert(found !== null);
    assertEquals(
      (await store.putPlan({ ...plan, status: "archived" }, found.versionstamp)).ok,
      true,
    );
    assertEquals((await store.putPlan(plan, found.versionstamp)).ok, false);
    assertEquals((await store.plan("growth@1"))?.value.status, "archived");
    close();
  });

  Deno.test(`${name} lists the newest version of each plan first`, async () => {
    const { store, close } = await open();
    for (const revision of [1, 2, 10]) await store.putPlan(samplePlan("growth", revision), null);
    await store.putPlan(samplePlan("free", 1), null);
    const names = (plans: readonly PlanVersion[]) => plans.map((plan) => plan.planRevision);
    assertEquals(names(await store.plans("growth")), ["growth@10", "growth@2", "growth@1"]);
    assertEquals(names(await store.plans()), ["free@1", "growth@10", "growth@2", "growth@1"]);
    assertEquals(await store.plans("grow"), []);
    close();
  });

  Deno.test(`${name} moves the config epoch with every write and with nothing else`, async () => {
    const { store, epoch, close } = await open();
    const before = await epoch();
    await store.putPlan(samplePlan("growth", 1), null);
    const after = await epoch();
    assertNotEquals(after, before);
    await store.putPlan(samplePlan("growth", 1), null);
    assertEquals(await epoch(), after);
    close();
  });
}

export function samplePlan(planId: string, revision: number): PlanVersion {
  return {
    planId,
    revision,
    planRevision: `${planId}@${revision}`,
    name: "Growth",
    description: "For teams",
    currency: "usd",
    interval: "month",
    baseFee: 49_00n * 10n ** 12n,
    minimumCommitment: 0n,
    meters: [{
      meter: "risk_score",
      price: {
        model: "graduated",
        tiers: tierLadder(
          { upTo: 10_000n, unitAmount: 4n * 10n ** 11n, flatAmount: 0n },
          { upTo: null, unitAmount: 2n * 10n ** 11n, flatAmount: 0n },
        ),
      },
      includedUnits: 1_000n,
      quota: { units: 1_000_000n, enforcement: "hard" },
    }],
    features: ["batch"],
    limits: { requestsPerSecond: 50, burst: 100 },
    graceDays: 14,
    status: "published",
    createdAtMs: Date.UTC(2026, 0, 1),
  };
}
