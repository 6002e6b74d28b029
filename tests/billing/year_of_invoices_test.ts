import { assert, assertEquals } from "@std/assert";
import { runBillingYear } from "@/tests/support/billing_year.ts";

Deno.test("a year of invoices equals a recomputation from the raw usage, to the cent", async () => {
  const figures = await runBillingYear({ seed: 20261124, tenants: 4, months: 12 });
  assertEquals(figures.differenceCents, 0n);
  assertEquals(figures.invoices, 4 * 12);
  assertEquals(figures.compared, 4 * 12);
  assert(figures.planChanges > 0 && figures.refusals > 0 && figures.retries > 0);
  assert(figures.billedCents > 0n);
});
