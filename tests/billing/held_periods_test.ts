/** Invoices that are held: for whom they wait, how long unnoticed, and how older ones settle. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { closeDuePeriods, closePeriod } from "@/lib/billing/close_period.ts";
import { releasePeriod } from "@/lib/billing/release_period.ts";
import { RETRIES_PER_RUN, retryDelayMs, retryOlderCloses } from "@/lib/billing/retry_closes.ts";
import type { Correction } from "@/lib/domain/correction.ts";
import { type BillingPeriod, FINAL_AFTER_MS, periodAt } from "@/lib/domain/period.ts";
import { createKvBillingStore } from "@/lib/kv/billing_store.ts";
import { createCorrectionStore } from "@/lib/kv/correction_store.ts";
import {
  type CorrectionDeps,
  proposeCorrection,
  refuseCorrection,
} from "@/lib/metering/corrections.ts";
import { createCloseGauges } from "@/lib/platform/close_gauges.ts";
import { Metrics } from "@/lib/platform/metrics.ts";
import type { PeriodClose } from "@/lib/ports/money_ledger.ts";
import { must } from "@/tests/support/api_world.ts";
import { billingWorld, use } from "@/tests/support/billing_world.ts";
import { sampleTenant } from "@/tests/support/samples.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MAY = periodAt(Date.UTC(2026, 4, 1), "month");
const JUNE = periodAt(Date.UTC(2026, 5, 1), "month");

/** May is used up, June has begun, Stripe has drafted the invoices. */
async function juneFirst(tenantIds: readonly string[] = ["ten_a"]) {
  const createdAtMs = Date.UTC(2026, 3, 1);
  const world = await billingWorld(
    ...tenantIds.map((tenantId) => sampleTenant({ tenantId, createdAtMs })),
  );
  const kv = await Deno.openKv(":memory:");
  const store = createKvBillingStore(kv);
  world.tenants.ledger = store;
  const deps = { ...world.deps, store };
  for (const tenantId of tenantIds) {
    await world.provision(tenantId);
    world.usage.use(use(1_300n, { tenantId }));
  }
  world.clock.atMs = MAY.endMs + FINAL_AFTER_MS;
  for (const tenantId of tenantIds) world.provider.draftInvoice(`sub_${tenantId}`, MAY.startMs);
  const corrections: CorrectionDeps = {
    corrections: createCorrectionStore({ kv }),
    sealer: {
      seal: () => Promise.reject(new Error("not in these tests")),
      sealArrived: () => Promise.reject(new Error("not in these tests")),
    },
    targets: {
      target: () =>
        Promise.resolve({
          kind: "billable",
          stripeCustomerId: "cus_ten_a",
          eventName: "risk_score",
          interval: "month",
          prices: { kind: "in_force", sinceMs: 0 },
        }),
    },
    clock: world.clock,
    ids: world.deps.ids,
  };
  const propose = (units: bigint) =>
    proposeCorrection({
      tenantId: "ten_a",
      meter: "risk_score",
      planRevision: "growth@1",
      periodId: MAY.periodId,
      units,
      reason: "Counted twice",
      author: "olga",
    }, corrections);
  const refuse = async ({ tenantId, correctionId }: Correction) =>
    must(await refuseCorrection({ tenantId, correctionId, approver: "omar" }, corrections));
  const closeOf = (period: BillingPeriod) => closePeriod(deps, { tenant: world.tenant(), period });
  const stored = async (periodId = MAY.periodId) => {
    const found = await store.periodClose("ten_a", periodId);
    assert(found !== null);
    return found.value;
  };
  const strangerUnit = () =>
    world.provider.sendMeterEvent({
      identifier: `stranger${world.clock.atMs}`,
      eventName: "risk_score",
      stripeCustomerId: "cus_ten_a",
      units: 1n,
      timestampMs: MAY.startMs,
      attempt: 1,
    });
  const close = () => {
    world.close();
    kv.close();
  };
  return { ...world, kv, deps, store, propose, refuse, closeOf, stored, strangerUnit, close };
}

function codes({ reasons }: PeriodClose): readonly string[] {
  return reasons.map(({ code }) => code);
}

Deno.test("an invoice waits for the corrections of its period that a second person has to decide", async () => {
  const { propose, refuse, closeOf, provider, close } = await juneFirst();
  const first = must(await propose(-20_000n));
  const second = must(await propose(30_000n));
  const held = await closeOf(MAY);
  assertEquals([held.state, codes(held)], ["held", ["corrections_waiting"]]);
  assertStringIncludes(held.reasons[0]?.detail ?? "", "2 corrections wait for approval");
  await refuse(first);
  assertStringIncludes(
    (await closeOf(MAY)).reasons[0]?.detail ?? "",
    "1 correction waits for approval",
  );
  assert(!provider.calls.includes("finalizeInvoice"));
  await refuse(second);
  assertEquals((await closeOf(MAY)).state, "finalized");
  close();
});

Deno.test("corrections of other periods and tenants hold nobody's invoice", async () => {
  const { kv, propose, closeOf, close } = await juneFirst();
  const value = must(await propose(-20_000n));
  const store = createCorrectionStore({ kv });
  for (const change of [{ tenantId: "ten_b" }, { periodId: JUNE.periodId }]) {
    await store.put({ ...value, ...change, correctionId: JSON.stringify(change) }, null);
  }
  const found = await store.find("ten_a", value.correctionId);
  await store.put({ ...value, state: "refused" }, found?.versionstamp ?? null);
  assertEquals((await closeOf(MAY)).state, "finalized");
  close();
});

Deno.test("a correction proposed while a close is under way is refused, or the close waits for it", async () => {
  const { deps, provider, propose, closeOf, close } = await juneFirst();
  const holdInvoice = provider.holdInvoice.bind(provider);
  const during: string[] = [];
  provider.holdInvoice = async (invoiceId: string) => {
    const proposed = await propose(-20_000n);
    during.push(proposed.ok ? proposed.value.state : proposed.error.code);
    return await holdInvoice(invoiceId);
  };
  assertEquals([(await closeOf(MAY)).state, during], ["finalized", ["period_closing"]]);
  assertEquals(await deps.store.waitingCorrections("ten_a", MAY.periodId), []);
  close();
});

Deno.test("a proposal that looked before the close began is not written into it", async () => {
  const { kv, closeOf, propose, close } = await juneFirst();
  const store = createCorrectionStore({ kv });
  const noted = must(await propose(-20_000n));
  const { closeVersion } = await store.standing(noted);
  await closeOf(MAY);
  const late = { ...noted, correctionId: "cor_late" };
  assertEquals((await store.put(late, null, { closeVersion })).ok, false);
  close();
});

Deno.test("a person may release an invoice over corrections that wait, with a reason", async () => {
  const { deps, propose, closeOf, close } = await juneFirst();
  must(await propose(-20_000n));
  await closeOf(MAY);
  const act = { actor: { kind: "operator" as const, id: "omar" }, ip: null, requestId: "req_1" };
  const released = must(
    await releasePeriod(deps, {
      tenantId: "ten_a",
      periodId: MAY.periodId,
      reason: "Corrected by a credit instead",
      act,
    }),
  );
  assertEquals([released.state, codes(released)], [
    "finalized",
    ["corrections_waiting", "released"],
  ]);
  close();
});

Deno.test("an invoice that is held for a day raises an alarm, in the log and in the metrics", async () => {
  const { deps, clock, logger, strangerUnit, closeOf, stored, close } = await juneFirst();
  const metrics = new Metrics();
  const gauges = createCloseGauges(metrics, deps);
  const overdue = async () => {
    await gauges.refresh();
    return metrics.text().split("\n").filter((line) => /^clawmeter_held/.test(line));
  };
  await strangerUnit();
  await closeOf(MAY);
  const heldSinceMs = clock.atMs;
  clock.atMs += 24 * HOUR_MS - 1;
  await closeOf(MAY);
  assertEquals((await stored()).heldSinceMs, heldSinceMs);
  const told = () => logger.lines.filter(({ event }) => event === "period_held_too_long").length;
  assertEquals([told(), await overdue()], [0, [
    "clawmeter_held_invoices 1",
    "clawmeter_held_invoices_overdue 0",
  ]]);
  clock.atMs += 1;
  await closeOf(MAY);
  assertEquals([told(), await overdue()], [1, [
    "clawmeter_held_invoices 1",
    "clawmeter_held_invoices_overdue 1",
  ]]);
  close();
});

Deno.test("an older invoice whose hold lost its reason becomes final by itself", async () => {
  const { deps, clock, usage, closeOf, stored, close } = await juneFirst();
  usage.online = false;
  assertEquals((await closeOf(MAY)).state, "held");
  clock.atMs = JUNE.endMs + FINAL_AFTER_MS;
  // The chore that closes the last period no longer looks at May.
  await closeDuePeriods(deps);
  assertEquals((await stored()).state, "held");
  usage.online = true;
  const none = { finalized: 0, held: 0, waiting: 0, left: 0 };
  assertEquals(await retryOlderCloses(deps), { ...none, finalized: 1 });
  assertEquals((await stored()).state, "finalized");
  assertEquals(await retryOlderCloses(deps), none);
  close();
});

Deno.test("an older hold that is still justified stays held, and Stripe is asked ever more rarely", async () => {
  const { deps, clock, provider, strangerUnit, closeOf, stored, close } = await juneFirst();
  await strangerUnit();
  await closeOf(MAY);
  clock.atMs = JUNE.endMs + FINAL_AFTER_MS;
  const triesAt: number[] = [];
  const startMs = clock.atMs;
  for (; clock.atMs < startMs + 48 * HOUR_MS; clock.advance(5 * MINUTE_MS)) {
    const asked = provider.calls.length;
    const { held, finalized } = await retryOlderCloses(deps);
    assertEquals(finalized, 0);
    if (held === 1) triesAt.push((clock.atMs - startMs) / MINUTE_MS);
    else assertEquals(provider.calls.length, asked, "Stripe is left alone between tries");
  }
  const gaps = triesAt.slice(1).map((at, index) => at - (triesAt[index] ?? 0));
  assertEquals(gaps.slice(0, 7), [10, 20, 40, 80, 160, 320, 360]);
  assert(gaps.slice(6).every((gap) => gap === 360));
  assertEquals((await stored()).state, "held");
  close();
});

Deno.test("another reason for a hold is looked at soon again", async () => {
  const { deps, clock, usage, strangerUnit, closeOf, stored, close } = await juneFirst();
  await strangerUnit();
  await closeOf(MAY);
  clock.atMs = JUNE.endMs + FINAL_AFTER_MS;
  for (let run = 0; run < 4; run++, clock.advance(HOUR_MS)) await retryOlderCloses(deps);
  assert(retryDelayMs(await stored()) > 5 * MINUTE_MS);
  const books = usage.books.bind(usage);
  usage.books = () => Promise.reject(new Error("no database"));
  clock.advance(6 * HOUR_MS);
  await retryOlderCloses(deps);
  usage.books = books;
  assertEquals(codes(await stored()), ["close_failed"]);
  assertEquals(retryDelayMs(await stored()), 5 * MINUTE_MS);
  close();
});

Deno.test("one run tries a bounded number of older invoices, those that waited longest first", async () => {
  const names = Array.from(
    { length: RETRIES_PER_RUN + 5 },
    (_, at) => `ten_${String(at).padStart(2, "0")}`,
  );
  const { deps, tenants, clock, usage, close } = await juneFirst(names);
  usage.online = false;
  for (const tenantId of names.toReversed()) {
    await closePeriod(deps, { tenant: tenants.get(tenantId), period: MAY });
    clock.advance(1);
  }
  usage.online = true;
  clock.atMs = JUNE.endMs + FINAL_AFTER_MS;
  const first = await retryOlderCloses(deps);
  assertEquals(first, { finalized: RETRIES_PER_RUN, held: 0, waiting: 0, left: 5 });
  const open = await deps.store.periodCloses({ state: "held", limit: 100 });
  assertEquals(open.items.map(({ tenantId }) => tenantId).toSorted(), names.slice(0, 5));
  assertEquals((await retryOlderCloses(deps)).finalized, 5);
  close();
});
