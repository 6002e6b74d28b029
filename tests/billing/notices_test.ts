import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { applyNotices, receiveNotice, replayNotice } from "@/lib/billing/apply_notice.ts";
import { pullSubscriptions } from "@/lib/billing/pull_subscriptions.ts";
import { createKvAuditLog } from "@/lib/kv/audit_store.ts";
import { OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import type { ProviderNotice } from "@/lib/ports/billing_provider.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { billingWorld, use } from "@/tests/support/billing_world.ts";
import { MemoryKv } from "@/tests/support/memory_kv.ts";

const ACT: Act = { actor: { kind: "operator", id: "op" }, ip: null, requestId: "req_1" };

const DAY = 86_400_000;

function changed(eventId: string, stripeSubscriptionId = "sub_ten_a"): ProviderNotice {
  return {
    eventId,
    type: "customer.subscription.updated",
    createdAtMs: 0,
    kind: "subscription_changed",
    stripeCustomerId: "cus_ten_a",
    stripeSubscriptionId,
  };
}

Deno.test("a repeated notice is taken once, also long after it was applied", async () => {
  const { deps, provision, clock, close } = await billingWorld();
  await provision();
  assertEquals(await receiveNotice(deps, changed("evt_1"), "snapshot"), "new");
  assertEquals(await receiveNotice(deps, changed("evt_1"), "snapshot"), "known");
  assertEquals(await applyNotices(deps), { applied: 1, ignored: 0, failed: 0 });
  clock.advance(30 * DAY);
  assertEquals(await receiveNotice(deps, changed("evt_1"), "snapshot"), "known");
  assertEquals(await applyNotices(deps), { applied: 0, ignored: 0, failed: 0 });
  close();
});

Deno.test("the tenant's status follows its subscription: grace, suspension, recovery, end", async () => {
  const { deps, provider, provision, tenant, clock, close } = await billingWorld();
  await provision();
  let event = 0;
  const stripeSays = async (status: string) => {
    provider.setSubscription("sub_ten_a", { status });
    await receiveNotice(deps, changed(`evt_${event += 1}`), "snapshot");
    await applyNotices(deps);
    return tenant().status;
  };
  assertEquals(await stripeSays("past_due"), "past_due");
  const graceUntilMs = clock.nowMs() + 14 * DAY;
  assertEquals(tenant().graceUntilMs, graceUntilMs);
  clock.advance(DAY);
  assertEquals(await stripeSays("past_due"), "past_due");
  assertEquals(tenant().graceUntilMs, graceUntilMs);
  assertEquals(await stripeSays("unpaid"), "suspended");
  assertEquals(await stripeSays("active"), "active");
  assertEquals(tenant().graceUntilMs, null);
  assertEquals(await stripeSays("a_new_word"), "active");
  assertEquals(await stripeSays("canceled"), "closed");
  close();
});

Deno.test("any order of notices ends in the same state, since each fetches the present", async () => {
  const orders = [["a", "b", "c"], ["c", "b", "a"], ["b", "a", "c", "a"]];
  for (const order of orders) {
    const { deps, provider, provision, tenant, close } = await billingWorld();
    await provision();
    provider.setSubscription("sub_ten_a", { status: "past_due" });
    for (const eventId of order) await receiveNotice(deps, changed(eventId), "snapshot");
    await applyNotices(deps);
    assertEquals(tenant().status, "past_due");
    close();
  }
});

Deno.test("any permutation of webhooks, with repeats and losses, ends where Stripe is after one daily pull", async () => {
  const statuses = ["active", "past_due", "unpaid", "paused", "trialing"] as const;
  const ends = {
    active: "active",
    trialing: "active",
    past_due: "past_due",
    unpaid: "suspended",
    paused: "suspended",
  } as const;
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          status: fc.constantFrom(...statuses),
          /** How often each notice comes, and when: 0 is lost. */
          deliveries: fc.array(fc.nat(20), { maxLength: 3 }),
        }),
        { minLength: 1, maxLength: 8 },
      ),
      async (changes) => {
        const { deps, provider, provision, tenant, close } = await billingWorld();
        await provision();
        const due = changes.flatMap(({ deliveries }, index) =>
          deliveries.map((delay) => ({ eventId: `evt_${index}`, at: index + delay }))
        );
        for (let step = 0; step < changes.length + 21; step++) {
          const change = changes[step];
          if (change !== undefined) {
            provider.setSubscription("sub_ten_a", { status: change.status });
          }
          for (const { eventId } of due.filter(({ at }) => at === step)) {
            await receiveNotice(deps, changed(eventId), "snapshot");
          }
          await applyNotices(deps);
        }
        await pullSubscriptions(deps);
        assertEquals(tenant().status, ends[changes.at(-1)?.status ?? "active"]);
        close();
      },
    ),
    { numRuns: 150, seed: 24 },
  );
});

Deno.test("an operator's suspension outlives a paid invoice", async () => {
  const { deps, provision, tenants, tenant, close } = await billingWorld();
  await provision();
  tenants.set({ ...tenant(), status: "suspended" });
  await receiveNotice(deps, changed("evt_1"), "snapshot");
  await applyNotices(deps);
  assertEquals(tenant().status, "suspended");
  close();
});

Deno.test("an older subscription of the same customer changes nothing", async () => {
  const { deps, provider, provision, tenant, close } = await billingWorld();
  await provision();
  const own = provider.subscriptions.get("sub_ten_a");
  if (own === undefined) throw new Error("Not provisioned");
  provider.subscriptions.set("sub_old", {
    ...own,
    stripeSubscriptionId: "sub_old",
    status: "canceled",
  });
  await receiveNotice(deps, changed("evt_1", "sub_old"), "snapshot");
  await applyNotices(deps);
  assertEquals(tenant().status, "active");
  close();
});

Deno.test("a notice that fails is tried again and holds up no other", async () => {
  const { deps, provider, provision, tenant, close } = await billingWorld();
  await provision();
  provider.setSubscription("sub_ten_a", { status: "past_due" });
  await receiveNotice(deps, changed("evt_1"), "snapshot");
  await receiveNotice(deps, { ...changed("evt_2"), kind: "other" }, "snapshot");
  provider.crash = { call: "subscription", after: false };
  assertEquals(await applyNotices(deps), { applied: 0, ignored: 1, failed: 1 });
  assertEquals(tenant().status, "active");
  assertEquals(await applyNotices(deps), { applied: 1, ignored: 0, failed: 0 });
  assertEquals(tenant().status, "past_due");
  close();
});

Deno.test("events that Stripe refused late go back into the outbox with their reason", async () => {
  const { deps, provider, usage, provision, logger, close } = await billingWorld();
  await provision();
  usage.use(use(5n));
  await usage.flush({ tenantId: "ten_a", periodId: "2026-05-01" });
  provider.errorReports.set("evt_err", {
    eventId: "evt_err",
    stripeMeterId: "mtr_risk_score",
    startMs: 0,
    endMs: 1,
    errorCount: 3,
    samples: [
      { code: "archived_meter", identifier: "use-0", detail: "Archived" },
      { code: "archived_meter", identifier: "elsewhere", detail: "Archived" },
    ],
  });
  await receiveNotice(deps, {
    eventId: "evt_err",
    type: "v1.billing.meter.error_report_triggered",
    createdAtMs: 0,
    kind: "meter_errors",
    stripeMeterId: "mtr_risk_score",
  }, "thin");
  assertEquals((await applyNotices(deps)).applied, 1);
  const entry = usage.entries.get("use-0");
  assertEquals([entry?.state, entry?.reason], ["held", "archived_meter"]);
  const told = logger.lines.map(({ event }) => event);
  assertEquals(told.includes("rejected_event_unknown"), true);
  assertEquals(told.includes("rejected_events_unnamed"), true);
  close();
});

Deno.test("a deleted customer stops service until a person has looked", async () => {
  const { deps, provision, tenant, close } = await billingWorld();
  await provision();
  await receiveNotice(deps, {
    eventId: "evt_del",
    type: "customer.deleted",
    createdAtMs: 0,
    kind: "customer_deleted",
    stripeCustomerId: "cus_ten_a",
  }, "snapshot");
  await applyNotices(deps);
  assertEquals(tenant().status, "suspended");
  close();
});

Deno.test("the daily pull repairs lost webhooks and recovers their notices once", async () => {
  const { deps, provider, provision, tenant, clock, close } = await billingWorld();
  await provision();
  provider.setSubscription("sub_ten_a", { status: "past_due" });
  provider.notices.push({ ...changed("evt_lost"), createdAtMs: clock.nowMs() - 1_000 });
  const first = await pullSubscriptions(deps);
  assertEquals([first.statusChanges, first.noticesRecovered], [1, 1]);
  assertEquals(tenant().status, "past_due");
  const second = await pullSubscriptions(deps);
  assertEquals([second.statusChanges, second.noticesRecovered, second.failures], [0, 0, []]);
  close();
});

Deno.test("a new draft is held at once, so that no late close finds it finalized", async () => {
  const { deps, provider, provision, clock, close } = await billingWorld();
  await provision();
  clock.atMs = Date.UTC(2026, 5, 1, 0, 1);
  const invoiceId = provider.draftInvoice("sub_ten_a", Date.UTC(2026, 4, 1));
  await receiveNotice(deps, {
    eventId: "evt_in",
    type: "invoice.created",
    createdAtMs: 0,
    kind: "invoice_changed",
    change: "created",
    stripeCustomerId: "cus_ten_a",
    invoiceId,
    stripeSubscriptionId: "sub_ten_a",
  }, "snapshot");
  assertEquals((await applyNotices(deps)).applied, 1);
  const held = await provider.invoice(invoiceId);
  assertEquals([held?.autoAdvance, held?.finalizesAtMs], [false, null]);
  close();
});

Deno.test("a notice that gave up is fetched again on demand and applied as things are now", async () => {
  const { deps, provider, provision, tenant, clock, close } = await billingWorld();
  const audit = createKvAuditLog(new MemoryKv());
  const replay = (eventId: string) => replayNotice({ ...deps, audit }, { eventId, act: ACT });
  await provision();
  await receiveNotice(deps, changed("evt_1"), "snapshot");
  for (let attempt = 0; attempt < 20; attempt++) {
    provider.crash = { call: "subscription", after: false };
    await applyNotices(deps);
  }
  assertEquals((await deps.store.notice("evt_1"))?.state, "failed");
  assertEquals(await applyNotices(deps), { applied: 0, ignored: 0, failed: 0 });
  provider.setSubscription("sub_ten_a", { status: "past_due" });
  clock.advance(5_000);
  const replayed = await replay("evt_1");
  assertEquals(replayed.ok && replayed.value.state, "applied");
  assertEquals(replayed.ok && replayed.value.settledAtMs, clock.nowMs());
  assertEquals(tenant().status, "past_due");
  const again = await replay("evt_1");
  assertEquals(again.ok && again.value.state, "applied", "repeating changes nothing");
  assertEquals((await deps.store.waiting(10)).length, 0);
  const unknown = await replay("evt_nobody");
  assertEquals(unknown.ok ? "" : unknown.error.code, "notice_not_found");
  const rows = await audit.entries({ chain: OPERATOR_CHAIN, limit: 10 });
  assertEquals(rows.items.map(({ action, subject }) => [action, subject]), [
    ["notice.replayed", "evt_1"],
    ["notice.replayed", "evt_1"],
  ]);
  close();
});

Deno.test("a replay that dies before it ends leaves the notice to the next run", async () => {
  const { deps, provision, close } = await billingWorld();
  await provision();
  await receiveNotice(deps, changed("evt_1"), "snapshot");
  await applyNotices(deps);
  const settle = deps.store.settle;
  let writes = 0;
  const dying = {
    ...deps,
    audit: createKvAuditLog(new MemoryKv()),
    store: {
      ...deps.store,
      settle: async (stored: Parameters<typeof settle>[0]) => {
        writes += 1;
        if (writes > 1) throw new Error("The process died");
        await settle(stored);
      },
    },
  };
  await assertRejects(() => replayNotice(dying, { eventId: "evt_1", act: ACT }), Error, "died");
  assertEquals(await applyNotices(deps), { applied: 1, ignored: 0, failed: 0 });
  close();
});
