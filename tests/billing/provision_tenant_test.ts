import { assert, assertEquals, assertRejects } from "@std/assert";
import { billingPortalUrl, checkoutUrl, provisionTenant } from "@/lib/billing/provision_tenant.ts";
import { billingWorld } from "@/tests/support/billing_world.ts";
import { sampleTenant } from "@/tests/support/samples.ts";

Deno.test("provisioning makes customer, plan and subscription, and stores each as it is made", async () => {
  const { deps, provision, tenant, close } = await billingWorld();
  assertEquals((await provision()).ok, true);
  assertEquals(tenant().stripeCustomerId, "cus_ten_a");
  assertEquals(tenant().stripeSubscriptionId, "sub_ten_a");
  assertEquals(await deps.store.tenantOf("cus_ten_a"), "ten_a");
  assertEquals((await deps.store.planChanges("ten_a")).map(({ from, to }) => [from, to]), [
    [null, "growth@1"],
  ]);
  close();
});

Deno.test("a crash before or after any call leaves nothing twice once the run is repeated", async () => {
  for (const call of ["ensureCustomer", "ensurePlan", "ensureSubscription"]) {
    for (const after of [false, true]) {
      const { deps, provider, provision, tenant, close } = await billingWorld();
      provider.crash = { call, after };
      await assertRejects(() => provision(), Error, call);
      assertEquals((await provision()).ok, true);
      assertEquals(tenant().stripeSubscriptionId, "sub_ten_a");
      assertEquals([provider.customers.size, provider.subscriptions.size], [1, 1]);
      assertEquals((await deps.store.planChanges("ten_a")).length, 1);
      close();
    }
  }
});

Deno.test("a closed or unknown tenant and an unknown plan are refused before any call", async () => {
  const { deps, provider, close } = await billingWorld(
    sampleTenant({ tenantId: "closed", status: "closed" }),
    sampleTenant({ tenantId: "odd", planRevision: "nope@1" }),
  );
  const ask = async (tenantId: string) => {
    const result = await provisionTenant(deps, { tenantId, email: null });
    return result.ok ? "ok" : result.error.code;
  };
  assertEquals([await ask("closed"), await ask("odd"), await ask("none")], [
    "tenant_closed",
    "plan_not_found",
    "not_found",
  ]);
  assertEquals(provider.calls, []);
  close();
});

Deno.test("Stripe's pages open only for tenants that are customers", async () => {
  const { deps, provision, close } = await billingWorld();
  const urls = { tenantId: "ten_a", successUrl: "https://a", cancelUrl: "https://b" };
  const early = await checkoutUrl(deps, urls);
  assertEquals(early.ok ? "" : early.error.code, "not_provisioned");
  await provision();
  assert((await checkoutUrl(deps, urls)).ok);
  assert((await billingPortalUrl(deps, { tenantId: "ten_a", returnUrl: "https://a" })).ok);
  close();
});
