/** Money that an operator adds or forgives: the second person, the close of its period, crashes. */
import { assert, assertEquals } from "@std/assert";
import { adjustMoney } from "@/lib/billing/adjust.ts";
import { closePeriod } from "@/lib/billing/close_period.ts";
import { approveAdjustment, refuseAdjustment } from "@/lib/billing/decide_adjustment.ts";
import { invoiceStatement } from "@/lib/billing/invoice_statement.ts";
import { listApprovals } from "@/lib/billing/list_approvals.ts";
import { reasonsText, releasePeriod } from "@/lib/billing/release_period.ts";
import { tryClose } from "@/lib/billing/try_close.ts";
import type { Adjustment } from "@/lib/domain/adjustment.ts";
import { FINAL_AFTER_MS, periodAt } from "@/lib/domain/period.ts";
import { createApprovalQueue } from "@/lib/kv/approval_queue.ts";
import { createKvAuditLog } from "@/lib/kv/audit_store.ts";
import { createKvBillingStore } from "@/lib/kv/billing_store.ts";
import { createCorrectionStore } from "@/lib/kv/correction_store.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { must } from "@/tests/support/api_world.ts";
import { billingWorld, use } from "@/tests/support/billing_world.ts";
import { ScriptedKv } from "@/tests/support/scripted_kv.ts";

const MAY = periodAt(Date.UTC(2026, 4, 1), "month");
const LARGE = { tenantId: "ten_a", amountMinor: -250_000n, note: "Outage", createdBy: "olga" };

function by(id: string): Act {
  return { actor: { kind: "operator", id }, ip: null, requestId: "req_1" };
}

/** A billing world whose store meets scripted faults, with the queue of what waits. */
async function open() {
  const world = await billingWorld();
  const kv = new ScriptedKv(await Deno.openKv(":memory:"));
  const deps = { ...world.deps, store: createKvBillingStore(kv) };
  const waiting = async () => {
    const queue = {
      approvals: createApprovalQueue({ kv }),
      corrections: createCorrectionStore({ kv }),
      store: deps.store,
    };
    return (await listApprovals(queue, { limit: 10 })).items.length;
  };
  const propose = async (change: Partial<Parameters<typeof adjustMoney>[1]> = {}) =>
    must(await adjustMoney(deps, { ...LARGE, ...change }));
  const approve = async ({ tenantId, adjustmentId }: Adjustment, approver: string) => {
    const decision = { tenantId, adjustmentId, approver, act: by(approver) };
    const approved = await approveAdjustment(deps, decision);
    return approved.ok ? approved.value.state : approved.error.code;
  };
  const refuse = async ({ tenantId, adjustmentId }: Adjustment, approver: string) => {
    const decision = { tenantId, adjustmentId, approver, act: by(approver) };
    const refused = await refuseAdjustment(deps, decision);
    return refused.ok ? refused.value.state : refused.error.code;
  };
  const adjusted = async () => {
    const { statement } = must(await invoiceStatement(deps, { tenantId: "ten_a" }));
    return statement.lines.filter(({ kind }) => kind === "adjustment")
      .reduce((sum, line) => sum + line.amountMinor, 0n);
  };
  const close = () => {
    world.close();
    kv.close();
  };
  return { ...world, kv, deps, waiting, propose, approve, refuse, adjusted, close };
}

Deno.test("a large adjustment bills nothing until a second person approves it, and its author can't", async () => {
  const { kv, propose, approve, adjusted, waiting, close } = await open();
  assertEquals((await propose({ amountMinor: 100_000n })).state, "applied");
  for (const amountMinor of [100_001n, -100_002n]) {
    const before = await adjusted();
    const large = await propose({ amountMinor });
    assertEquals([large.state, await adjusted(), await waiting()], ["pending", before, 1]);
    assertEquals(await approve(large, "olga"), "same_person");
    assertEquals(await approve(large, " "), "same_person");
    assertEquals(await adjusted(), before);
    assertEquals(await approve(large, "omar"), "applied");
    assertEquals([await adjusted(), await waiting()], [before + amountMinor, 0]);
    assertEquals(await approve(large, "ada"), "already_decided");
  }
  assertEquals(await adjusted(), 99_999n);
  const { items } = await createKvAuditLog(kv).entries({ chain: "ten_a", limit: 20 });
  const acts = items.map(({ action, actor }) => `${action} ${actor.id}`);
  assertEquals(acts.filter((act) => act.startsWith("adjustment.approved")), [
    "adjustment.approved omar",
    "adjustment.approved omar",
  ]);
  close();
});

Deno.test("of two people who decide at once one is heard, and the adjustment counts at most once", async () => {
  const { propose, approve, refuse, adjusted, waiting, close } = await open();
  const both = await propose();
  const approvals = await Promise.all([approve(both, "omar"), approve(both, "ada")]);
  assertEquals(approvals.filter((outcome) => outcome === "applied").length, 1);
  assertEquals([await adjusted(), await waiting()], [-250_000n, 0]);
  const split = await propose({ amountMinor: -200_000n });
  const outcomes = await Promise.all([approve(split, "omar"), refuse(split, "ada")]);
  const won = outcomes.filter((outcome) => outcome === "applied" || outcome === "refused");
  assertEquals(won.length, 1);
  assertEquals(await adjusted(), won[0] === "applied" ? -450_000n : -250_000n);
  assertEquals(await refuse(split, "olga"), "already_decided");
  close();
});

for (const fault of ["drop_before", "drop_after", "repeat", "late"] as const) {
  Deno.test(`an approval whose commit meets ${fault} counts once or not at all, and repeating it settles it`, async () => {
    const { kv, propose, approve, adjusted, waiting, close } = await open();
    const large = await propose();
    kv.script(fault);
    await approve(large, "omar").catch(() => "unknown");
    const counted = await adjusted();
    assert(counted === 0n || counted === -250_000n);
    assertEquals(await waiting(), counted === 0n ? 1 : 0, "what does not count waits");
    await kv.land();
    await approve(large, "omar");
    assertEquals([await adjusted(), await waiting()], [-250_000n, 0]);
    close();
  });
}

Deno.test("a repeated proposal is one adjustment, also when the next period has begun", async () => {
  const { deps, clock, propose, waiting, close } = await open();
  const first = await propose({ adjustmentId: "adj_own" });
  clock.atMs = MAY.endMs + 60_000;
  const second = await propose({ adjustmentId: "adj_own" });
  assertEquals([second.periodId, second.adjustmentId], [first.periodId, "adj_own"]);
  assertEquals(await deps.store.adjustments("ten_a", "2026-06-01"), []);
  assertEquals(await waiting(), 1);
  close();
});

/** May is used up, June has begun, Stripe has drafted the invoice. */
async function juneFirst() {
  const world = await open();
  await world.provision();
  world.usage.use(use(1_300n));
  const endMay = () => {
    world.clock.atMs = MAY.endMs + FINAL_AFTER_MS;
    return world.provider.draftInvoice("sub_ten_a", MAY.startMs);
  };
  const closeMay = () => closePeriod(world.deps, { tenant: world.tenant(), period: MAY });
  return { ...world, endMay, closeMay };
}

Deno.test("a close waits for the second person, and bills an adjustment only if it is approved", async () => {
  for (const decision of ["approve", "refuse"] as const) {
    const { endMay, closeMay, propose, approve, refuse, provider, close } = await juneFirst();
    const large = await propose();
    endMay();
    const held = await closeMay();
    assertEquals([held.state, held.reasons.map(({ code }) => code)], [
      "held",
      ["approval_waiting"],
    ]);
    await (decision === "approve" ? approve : refuse)(large, "omar");
    assertEquals((await closeMay()).state, "finalized");
    const billed = [...provider.items.values()].map(({ amountMinor }) => amountMinor);
    assertEquals(billed, decision === "approve" ? [-250_000n] : []);
    close();
  }
});

Deno.test("no money joins a period while it is being closed: it is on the invoice, or it is refused", async () => {
  const { deps, endMay, closeMay, provider, propose, approve, close } = await juneFirst();
  const input = { ...LARGE, amountMinor: -1n, periodId: MAY.periodId };
  const early = must(await adjustMoney(deps, input));
  endMay();
  const seen: string[] = [];
  const finalize = provider.finalizeInvoice.bind(provider);
  provider.finalizeInvoice = async (invoiceId) => {
    const late = await adjustMoney(deps, input);
    seen.push(late.ok ? "adjusted" : late.error.code);
    return await finalize(invoiceId);
  };
  assertEquals((await closeMay()).state, "finalized");
  assertEquals(seen, ["period_closing"]);
  const after = await adjustMoney(deps, input);
  assertEquals(after.ok ? "adjusted" : after.error.code, "period_closed");
  const stored = await deps.store.adjustments("ten_a", MAY.periodId);
  assertEquals(stored.map(({ adjustmentId }) => adjustmentId), [early.adjustmentId]);
  assertEquals([...provider.items.values()].map(({ amountMinor }) => amountMinor), [-1n]);
  const june = await propose();
  assertEquals([june.periodId, await approve(june, "omar")], ["2026-06-01", "applied"]);
  close();
});

Deno.test("a close that died is tried again by the next run, and not while it may be alive", async () => {
  const { deps, clock, endMay, closeMay, provider, close } = await juneFirst();
  endMay();
  provider.holdInvoice = () => new Promise(() => {});
  closeMay();
  while ((await deps.store.periodClose("ten_a", MAY.periodId)) === null);
  const second = await closeMay();
  assertEquals([second.state, second.closingSinceMs], ["waiting", clock.atMs]);
  clock.advance(5 * 60_000);
  Reflect.deleteProperty(provider, "holdInvoice");
  const third = await closeMay();
  assertEquals([third.state, third.attempts, third.closingSinceMs], ["finalized", 2, null]);
  close();
});

Deno.test("a release bills what came after the last try, and only over the reasons that were read", async () => {
  const { deps, endMay, closeMay, provider, usage, close } = await juneFirst();
  const invoiceId = endMay();
  usage.online = false;
  const held = await closeMay();
  must(await adjustMoney(deps, { ...LARGE, amountMinor: -7n, periodId: MAY.periodId }));
  const release = async (seen: string) => {
    const wanted = { tenantId: "ten_a", periodId: MAY.periodId, reason: "Agreed", seen };
    const released = await releasePeriod(deps, { ...wanted, act: by("omar") });
    return released.ok ? released.value.state : released.error.code;
  };
  assertEquals(await release(reasonsText([])), "conflict");
  provider.crash = { call: "finalizeInvoice", after: true };
  const cut = await release(reasonsText(held.reasons)).catch((error: Error) => error.message);
  assertEquals(cut, "crash after finalizeInvoice");
  assertEquals(await release(reasonsText(held.reasons)), "finalized");
  const items = [...provider.items.values()].map((item) => [item.invoiceId, item.amountMinor]);
  assertEquals(items, [[invoiceId, -7n]]);
  assertEquals((await provider.invoice(invoiceId))?.status, "open");
  close();
});

Deno.test("a person may try a close at once, for periods that have ended", async () => {
  const { kv, deps, endMay, close } = await juneFirst();
  const audited = { ...deps, audit: createKvAuditLog(kv) };
  const attempt = async (periodId: string) => {
    const tried = await tryClose(audited, { tenantId: "ten_a", periodId, act: by("omar") });
    return tried.ok ? tried.value.state : tried.error.code;
  };
  assertEquals(await attempt(MAY.periodId), "period_not_found");
  endMay();
  assertEquals(await attempt(MAY.periodId), "finalized");
  for (const periodId of ["2026-06-01", "2020-01-01", "2026-05-02", "x"]) {
    assertEquals(await attempt(periodId), "period_not_found");
  }
  const { items } = await audited.audit.entries({ chain: "ten_a", limit: 5 });
  assertEquals(items.map(({ action, actor }) => [action, actor.id]), [
    ["period.close_tried", "omar"],
  ]);
  close();
});
