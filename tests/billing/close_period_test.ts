import { assertEquals } from "@std/assert";
import { adjustMoney } from "@/lib/billing/adjust.ts";
import { grantCredit } from "@/lib/billing/grant_credit.ts";
import { closeDuePeriods, closePeriod } from "@/lib/billing/close_period.ts";
import { invoiceStatement } from "@/lib/billing/invoice_statement.ts";
import { releasePeriod } from "@/lib/billing/release_period.ts";
import { FINAL_AFTER_MS, periodAt } from "@/lib/domain/period.ts";
import { billingWorld, GROWTH, use } from "@/tests/support/billing_world.ts";
import { usd } from "@/tests/support/samples.ts";

const MAY = periodAt(Date.UTC(2026, 4, 1), "month");

/** May is used up, June has begun, Stripe has drafted the invoice. */
async function juneFirst() {
  const world = await billingWorld();
  await world.provision();
  world.usage.use(use(1_300n));
  world.usage.use(use(40n, { meter: "screening" }));
  const endMay = () => {
    world.clock.atMs = MAY.endMs + FINAL_AFTER_MS;
    return world.provider.draftInvoice("sub_ten_a", MAY.startMs);
  };
  const close = () => closePeriod(world.deps, { tenant: world.tenant(), period: MAY });
  return { ...world, endMay, closeMay: close };
}

Deno.test("a period closes when Stripe has the ledger's units and bills our lines", async () => {
  const { deps, endMay, closeMay, provider, usage, close } = await juneFirst();
  const invoiceId = endMay();
  const closed = await closeMay();
  assertEquals([closed.state, closed.invoiceId, closed.reasons], ["finalized", invoiceId, []]);
  assertEquals(provider.calls.slice(-2), ["holdInvoice", "finalizeInvoice"]);
  assertEquals(usage.flushes, ["ten_a 2026-05-01"]);
  const statement = await invoiceStatement(deps, { tenantId: "ten_a", periodId: MAY.periodId });
  assertEquals(statement.ok ? statement.value.state : "", "finalized");
  close();
});

Deno.test("no invoice is final while a late event can still count in its period", async () => {
  const { deps, endMay, closeMay, provider, usage, clock, close } = await juneFirst();
  endMay();
  clock.atMs = MAY.endMs + 60_000;
  assertEquals([(await closeMay()).state, provider.calls.at(-1)], ["waiting", "holdInvoice"]);
  clock.atMs = MAY.endMs + FINAL_AFTER_MS - 1;
  usage.use(use(7n));
  assertEquals(await closeDuePeriods(deps), { finalized: 0, held: 0, waiting: 1 });
  clock.atMs += 1;
  assertEquals((await closeMay()).state, "finalized");
  close();
});

Deno.test("a unit that is missing at Stripe holds the draft until it is there", async () => {
  const { endMay, closeMay, provider, logger, close } = await juneFirst();
  endMay();
  provider.crash = { call: "holdInvoice", after: true };
  assertEquals((await closeMay()).reasons.map(({ code }) => code), ["close_failed"]);
  await closeMay();
  close();

  const second = await juneFirst();
  second.endMay();
  second.usage.online = false;
  const held = await second.closeMay();
  assertEquals([held.state, held.reasons.map(({ code }) => code)], [
    "held",
    ["units_differ", "units_differ", "amounts_differ", "amounts_differ"],
  ]);
  assertEquals(second.provider.calls.includes("finalizeInvoice"), false);
  assertEquals(logger.lines.length > 0, true);
  second.usage.online = true;
  assertEquals((await second.closeMay()).state, "finalized");
  second.close();
});

Deno.test("when Stripe's word on the final invoice is lost, nothing joins the period until it is known", async () => {
  const { deps, endMay, closeMay, provider, clock, close } = await juneFirst();
  const invoiceId = endMay();
  provider.crash = { call: "finalizeInvoice", after: true };
  assertEquals((await closeMay()).reasons.map(({ code }) => code), ["close_failed"]);
  assertEquals((await provider.invoice(invoiceId))?.status, "open");
  const input = { tenantId: "ten_a", amountMinor: -1n, note: "Outage", createdBy: "op" };
  const adjust = async () => {
    const done = await adjustMoney(deps, { ...input, periodId: MAY.periodId });
    return done.ok ? "adjusted" : done.error.code;
  };
  assertEquals(await adjust(), "period_closing");
  // Another attempt that does not get as far as the invoice knows no more.
  const invoices = provider.invoices.bind(provider);
  provider.invoices = () => Promise.reject(new Error("unreachable"));
  clock.advance(5 * 60_000);
  assertEquals((await closeMay()).state, "held");
  assertEquals(await adjust(), "period_closing");
  provider.invoices = invoices;
  assertEquals((await closeMay()).state, "finalized");
  assertEquals(await adjust(), "period_closed");
  close();
});

Deno.test("a foreign unit at Stripe holds the draft: nobody pays for what we did not serve", async () => {
  const { endMay, closeMay, provider, close } = await juneFirst();
  endMay();
  await provider.sendMeterEvent({
    identifier: "stranger",
    eventName: "screening",
    stripeCustomerId: "cus_ten_a",
    units: 1n,
    timestampMs: MAY.startMs,
    attempt: 1,
  });
  const held = await closeMay();
  assertEquals(held.reasons.map(({ code }) => code), ["units_differ", "amounts_differ"]);
  close();
});

Deno.test("without a draft the close waits, and closing again does nothing more", async () => {
  const { endMay, closeMay, deps, provider, clock, close } = await juneFirst();
  clock.atMs = MAY.endMs + 1;
  assertEquals((await closeMay()).state, "waiting");
  endMay();
  assertEquals(await closeDuePeriods(deps), { finalized: 1, held: 0, waiting: 0 });
  const calls = provider.calls.length;
  assertEquals(await closeDuePeriods(deps), { finalized: 0, held: 0, waiting: 0 });
  assertEquals(provider.calls.length, calls);
  close();
});

Deno.test("adjustments and the commitment top-up join the invoice once, however often it is tried", async () => {
  const { deps, plans, endMay, closeMay, provider, usage, close } = await juneFirst();
  const stored = await plans.plan("growth@1");
  await plans.putPlan({ ...GROWTH, minimumCommitment: usd("100") }, stored?.versionstamp ?? null);
  await adjustMoney(deps, {
    tenantId: "ten_a",
    amountMinor: -500n,
    note: "Outage on 3 May",
    createdBy: "op",
  });
  const invoiceId = endMay();
  usage.online = false;
  await closeMay();
  usage.online = true;
  assertEquals((await closeMay()).state, "finalized");
  const items = [...provider.items.values()];
  // 49.00 base, 1,300 units: 100 free, 1,000 at 0.01, 200 at 0.005; 40 screenings at 0.02: 11.80
  assertEquals(items.map(({ amountMinor, invoiceId }) => [amountMinor, invoiceId]), [
    [10_000n - 4_900n - 1_180n, invoiceId],
    [-500n, invoiceId],
  ]);
  close();
});

Deno.test("a closed period draws its credits once, and the next one has the rest", async () => {
  const { deps, endMay, closeMay, usage, provider, clock, close } = await juneFirst();
  await grantCredit(deps, {
    tenantId: "ten_a",
    name: "Start",
    category: "promotional",
    amountMinor: 1_500n,
    expiresAtMs: null,
    creditId: "crd_start",
  });
  assertEquals(provider.credits.size, 1);
  endMay();
  await closeMay();
  const credit = (await deps.store.credits("ten_a"))[0]?.value;
  assertEquals(credit?.draws, [{ periodId: "2026-05-01", amountMinor: 1_180n }]);
  assertEquals(credit?.creditGrantId, "cg_crd_start");
  usage.use(use(1_300n, { month: 5 }));
  clock.atMs = Date.UTC(2026, 5, 15);
  const june = await invoiceStatement(deps, { tenantId: "ten_a" });
  assertEquals(june.ok ? june.value.statement.creditsMinor : null, 320n);
  close();
});

Deno.test("a person may release a held draft, with a reason that stays beside the differences", async () => {
  const { deps, endMay, closeMay, provider, close } = await juneFirst();
  const invoiceId = endMay();
  const act = { actor: { kind: "operator" as const, id: "op_1" }, ip: null, requestId: "req_1" };
  const release = async (reason: string) => {
    const result = await releasePeriod(deps, {
      tenantId: "ten_a",
      periodId: MAY.periodId,
      reason,
      act,
    });
    return result.ok ? result.value.reasons.map(({ code }) => code) : result.error.code;
  };
  assertEquals(await release("Too early"), "not_held");
  await provider.sendMeterEvent({
    identifier: "stranger",
    eventName: "screening",
    stripeCustomerId: "cus_ten_a",
    units: 1n,
    timestampMs: MAY.startMs,
    attempt: 1,
  });
  await closeMay();
  assertEquals(await release(" "), "invalid_reason");
  assertEquals(await release("Agreed with the tenant"), [
    "units_differ",
    "amounts_differ",
    "released",
  ]);
  assertEquals((await provider.invoice(invoiceId))?.status, "open");
  assertEquals((await closeMay()).state, "finalized");
  close();
});
