import { assert, assertEquals } from "@std/assert";
import { reconcile } from "@/lib/billing/reconcile.ts";
import { reconcileJson, reconcileReport } from "@/tools/reconcile.ts";
import { billingWorld, use } from "@/tests/support/billing_world.ts";

Deno.test("reconcile exits 0 when all units agree and 1 on a single foreign unit", async () => {
  const { deps, usage, provider, provision, close } = await billingWorld();
  await provision();
  usage.use(use(10n));
  await usage.flush({ tenantId: "ten_a", periodId: "2026-05-01" });
  const clean = reconcileReport(await reconcile(deps));
  assertEquals(clean.exitCode, 0);
  assert(clean.text.startsWith("1 rows, 0 differences."));
  await provider.sendMeterEvent({
    identifier: "stranger",
    eventName: "risk_score",
    stripeCustomerId: "cus_ten_a",
    units: 1n,
    timestampMs: Date.UTC(2026, 4, 2),
    attempt: 1,
  });
  const result = await reconcile(deps);
  const dirty = reconcileReport(result);
  assertEquals(dirty.exitCode, 1);
  assert(dirty.text.startsWith("DIFFERS  ten_a risk_score 2026-05-01: ledger 10, Stripe 11"));
  const parsed: { rows: { unexplained: string }[] } = JSON.parse(reconcileJson(result));
  assertEquals(parsed.rows[0]?.unexplained, "-1");
  close();
});

Deno.test("a tenant that could not be checked is no success", async () => {
  const { deps, tenants, tenant, provision, close } = await billingWorld();
  await provision();
  tenants.set({ ...tenant(), stripeSubscriptionId: "sub_gone" });
  const { exitCode, text } = reconcileReport(await reconcile(deps));
  assertEquals(exitCode, 1);
  assert(text.includes("ten_a could not be checked"));
  close();
});
