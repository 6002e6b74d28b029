/** What one person may do alone: credits that wait for a second, and amounts that were split. */
import { assertEquals } from "@std/assert";
import { adjustMoney } from "@/lib/billing/adjust.ts";
import { approveCredit, refuseCredit } from "@/lib/billing/decide_credit.ts";
import { grantCredit } from "@/lib/billing/grant_credit.ts";
import { invoiceStatement } from "@/lib/billing/invoice_statement.ts";
import { listApprovals } from "@/lib/billing/list_approvals.ts";
import { isWithinAuthority, withAct } from "@/lib/domain/approval.ts";
import { createApprovalQueue } from "@/lib/kv/approval_queue.ts";
import { createKvAuditLog } from "@/lib/kv/audit_store.ts";
import { createKvBillingStore } from "@/lib/kv/billing_store.ts";
import { createCorrectionStore } from "@/lib/kv/correction_store.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { must } from "@/tests/support/api_world.ts";
import { billingWorld, use } from "@/tests/support/billing_world.ts";
import { sampleTenant } from "@/tests/support/samples.ts";
import { ScriptedKv } from "@/tests/support/scripted_kv.ts";

const HOUR_MS = 3_600_000;

function by(id: string): Act {
  return { actor: { kind: "operator", id }, ip: null, requestId: "req_1" };
}

async function open() {
  const createdAtMs = Date.UTC(2026, 3, 1);
  const world = await billingWorld(
    ...["ten_a", "ten_b"].map((tenantId) => sampleTenant({ tenantId, createdAtMs })),
  );
  const kv = new ScriptedKv(await Deno.openKv(":memory:"));
  const deps = { ...world.deps, store: createKvBillingStore(kv) };
  let count = 0;
  const grant = async (
    amountMinor: bigint,
    {
      who = "olga",
      tenantId = "ten_a",
      creditId = `crd_${++count}`,
      expiresAtMs = null,
    }: { who?: string; tenantId?: string; creditId?: string; expiresAtMs?: number | null } = {},
  ) => {
    const terms = { name: "Sorry", category: "promotional", expiresAtMs } as const;
    const input = { ...terms, tenantId, amountMinor, creditId, act: by(who) };
    return must(await grantCredit(deps, input)).state;
  };
  const adjust = async (amountMinor: bigint, { who = "olga", tenantId = "ten_a" } = {}) =>
    must(await adjustMoney(deps, { tenantId, amountMinor, note: "x", createdBy: who })).state;
  const decide = async (creditId: string, who: string, act: "approve" | "refuse" = "approve") => {
    const decision = { tenantId: "ten_a", creditId, approver: who, act: by(who) };
    const decided = act === "approve"
      ? await approveCredit(deps, decision)
      : await refuseCredit(deps, decision);
    return decided.ok ? "done" : decided.error.code;
  };
  const waiting = async () => {
    const queue = {
      approvals: createApprovalQueue({ kv }),
      corrections: createCorrectionStore({ kv }),
      store: deps.store,
    };
    return (await listApprovals(queue, { limit: 50 })).items.length;
  };
  const paid = async () => {
    const { statement } = must(await invoiceStatement(deps, { tenantId: "ten_a" }));
    return statement.credits.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  };
  const close = () => {
    world.close();
    kv.close();
  };
  return { ...world, kv, deps, grant, adjust, decide, waiting, paid, close };
}

Deno.test("a large credit pays for nothing, and Stripe has none of it, until a second person approves it", async () => {
  const { deps, kv, usage, provision, provider, grant, decide, waiting, paid, close } =
    await open();
  await provision();
  usage.use(use(1_300n));
  assertEquals(await grant(100_001n, { creditId: "crd_large" }), "pending");
  assertEquals([await paid(), await waiting(), provider.credits.size], [0n, 1, 0]);
  assertEquals(await decide("crd_large", "olga"), "same_person");
  assertEquals(await decide("crd_large", " "), "same_person");
  assertEquals(await decide("crd_none", "omar"), "credit_not_found");
  assertEquals([await paid(), await waiting(), provider.credits.size], [0n, 1, 0]);
  assertEquals(await decide("crd_large", "omar"), "done");
  assertEquals([await paid() > 0n, await waiting(), provider.credits.size], [true, 0, 1]);
  assertEquals(await decide("crd_large", "ada"), "already_decided");
  assertEquals(await grant(100_001n, { creditId: "crd_large" }), "granted", "sent again");
  assertEquals((await deps.store.credits("ten_a")).length, 1);
  const { items } = await createKvAuditLog(kv).entries({ chain: "ten_a", limit: 9 });
  assertEquals(
    items.map(({ action, actor }) => `${action} ${actor.id}`)
      .filter((act) => act.startsWith("credit.")),
    ["credit.approved omar", "credit.proposed olga"],
  );
  close();
});

Deno.test("of two people who decide over a credit at once one is heard, and it is granted at most once", async () => {
  const { deps, grant, decide, waiting, close } = await open();
  await grant(200_000n, { creditId: "crd_1" });
  const both = await Promise.all([decide("crd_1", "omar"), decide("crd_1", "ada")]);
  assertEquals(both.filter((outcome) => outcome === "done").length, 1);
  await grant(200_000n, { creditId: "crd_2" });
  const split = await Promise.all([decide("crd_2", "omar"), decide("crd_2", "ada", "refuse")]);
  assertEquals(split.filter((outcome) => outcome === "done").length, 1);
  const granted = split[0] === "done" ? 2 : 1;
  assertEquals([(await deps.store.credits("ten_a")).length, await waiting()], [granted, 0]);
  close();
});

for (const fault of ["drop_before", "drop_after", "repeat", "late"] as const) {
  Deno.test(`an approval of a credit whose commit meets ${fault} grants it once or not at all, and repeating it settles it`, async () => {
    const { deps, kv, grant, decide, waiting, close } = await open();
    await grant(200_000n, { creditId: "crd_1" });
    kv.script(fault);
    await decide("crd_1", "omar").catch(() => "unknown");
    await kv.land();
    await decide("crd_1", "omar");
    assertEquals([(await deps.store.credits("ten_a")).length, await waiting()], [1, 0]);
    close();
  });
}

Deno.test("a credit that would have expired by the time somebody agrees is not granted", async () => {
  const { clock, deps, grant, decide, close } = await open();
  await grant(200_000n, { creditId: "crd_1", expiresAtMs: clock.atMs + HOUR_MS });
  clock.atMs += HOUR_MS;
  assertEquals(await decide("crd_1", "omar"), "invalid_expiry");
  assertEquals(await decide("crd_1", "olga", "refuse"), "done");
  assertEquals((await deps.store.credits("ten_a")).length, 0);
  close();
});

Deno.test("a large amount can't be split: a day's acts of one person count together over tenants and kinds", async () => {
  const { clock, grant, adjust, close } = await open();
  assertEquals(await grant(40_000n), "granted");
  assertEquals(await adjust(-40_000n, { tenantId: "ten_b" }), "applied");
  assertEquals(await grant(20_001n, { tenantId: "ten_b" }), "pending");
  assertEquals(await adjust(20_001n), "pending", "an addition makes up for nothing");
  assertEquals(await grant(20_000n), "granted", "up to the threshold itself");
  assertEquals(await adjust(-1n), "pending");
  assertEquals(await adjust(-100_000n, { who: "omar" }), "applied", "others have their own");
  clock.atMs += 23 * HOUR_MS;
  assertEquals(await adjust(-1n), "pending");
  clock.atMs += 2 * HOUR_MS;
  assertEquals(await adjust(-1n), "applied", "a day later");
  close();
});

Deno.test("many acts of one person at the same moment pass no more than one person may do", async () => {
  const { deps, adjust, close } = await open();
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => adjust(-30_000n)));
  assertEquals(outcomes.filter((state) => state === "applied").length, 3);
  const stored = await deps.store.adjustments("ten_a", "2026-05-01");
  assertEquals(stored.filter(({ state }) => state === "applied").length, 3);
  assertEquals(stored.length, 8, "the others wait");
  close();
});

Deno.test("an hour of acts counts until its last moment is a day ago", () => {
  const nowMs = 100 * HOUR_MS + 1;
  const hours = withAct([], { amount: -60n, nowMs });
  const may = (atMs: number) => isWithinAuthority({ amount: 50n, limit: 100n, hours, nowMs: atMs });
  assertEquals([may(nowMs), may(125 * HOUR_MS - 1), may(125 * HOUR_MS)], [false, false, true]);
  const later = withAct(hours, { amount: 5n, nowMs: 125 * HOUR_MS });
  assertEquals(later, [{ hourStartMs: 125 * HOUR_MS, size: 5n }]);
});
