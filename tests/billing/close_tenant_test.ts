import { assertEquals } from "@std/assert";
import { closeTenant } from "@/lib/billing/close_tenant.ts";
import { billingWorld, use } from "@/tests/support/billing_world.ts";

Deno.test("a tenant ends when Stripe has every unit, and not before", async () => {
  const { deps, usage, provider, provision, tenant, close } = await billingWorld();
  await provision();
  usage.use(use(5n));
  usage.online = false;
  const early = await closeTenant(deps, { tenantId: "ten_a" });
  assertEquals(early.ok ? "ok" : early.error.code, "units_outstanding");
  assertEquals(tenant().status, "closed");
  assertEquals(provider.subscriptions.get("sub_ten_a")?.status, "active");
  usage.online = true;
  assertEquals((await closeTenant(deps, { tenantId: "ten_a" })).ok, true);
  assertEquals(provider.subscriptions.get("sub_ten_a")?.status, "canceled");
  assertEquals((await deps.store.mirror("ten_a"))?.appliedStatus, "closed");
  assertEquals((await closeTenant(deps, { tenantId: "ten_a" })).ok, true);
  close();
});

Deno.test("a tenant that ends as its month does is billed for the month that is over, too", async () => {
  const { deps, usage, provider, provision, clock, close } = await billingWorld();
  await provision();
  usage.use(use(5n));
  usage.online = false;
  // Our clock is ahead: for Stripe, May is still the present period.
  clock.atMs = Date.UTC(2026, 5, 1) + 1;
  const early = await closeTenant(deps, { tenantId: "ten_a" });
  assertEquals(early.ok ? "ok" : early.error.code, "units_outstanding");
  assertEquals(provider.subscriptions.get("sub_ten_a")?.status, "active");
  usage.online = true;
  assertEquals((await closeTenant(deps, { tenantId: "ten_a" })).ok, true);
  close();
});

Deno.test("a tenant that ends as its month does is billed for what others count in the next", async () => {
  const { deps, usage, provider, provision, clock, close } = await billingWorld();
  await provision();
  clock.atMs = Date.UTC(2026, 5, 1) - 60_000;
  // By the clock of the instance that served it, June has begun.
  usage.use(use(5n, { month: 5, day: 1, hour: 0 }));
  usage.online = false;
  const early = await closeTenant(deps, { tenantId: "ten_a" });
  assertEquals(early.ok ? "ok" : early.error.code, "units_outstanding");
  assertEquals(provider.subscriptions.get("sub_ten_a")?.status, "active");
  usage.online = true;
  clock.atMs = Date.UTC(2026, 5, 1, 1);
  assertEquals((await closeTenant(deps, { tenantId: "ten_a" })).ok, true);
  close();
});

Deno.test("a tenant that Stripe never knew just ends", async () => {
  const { deps, provider, tenant, close } = await billingWorld();
  assertEquals((await closeTenant(deps, { tenantId: "ten_a" })).ok, true);
  assertEquals([tenant().status, provider.calls], ["closed", []]);
  const missing = await closeTenant(deps, { tenantId: "nobody" });
  assertEquals(missing.ok ? "ok" : missing.error.code, "not_found");
  close();
});
