import { assertEquals } from "@std/assert";
import { adjustMoney } from "@/lib/billing/adjust.ts";
import { deliverAlerts, evaluateAlerts, resendAlert } from "@/lib/billing/alerts.ts";
import { grantCredit } from "@/lib/billing/grant_credit.ts";
import { scanAnomalies } from "@/lib/billing/scan_anomalies.ts";
import { createKvAuditLog } from "@/lib/kv/audit_store.ts";
import type { Delivery } from "@/lib/ports/notifier.ts";
import { billingWorld, use } from "@/tests/support/billing_world.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { MemoryKv } from "@/tests/support/memory_kv.ts";
import { sampleTenant, usd } from "@/tests/support/samples.ts";

const ACT: Act = { actor: { kind: "operator", id: "op" }, ip: null, requestId: "req_1" };

Deno.test("each threshold of a quota is told once, the highest one that is newly reached", async () => {
  const { deps, usage, clock, close } = await billingWorld();
  const told = async () => (await evaluateAlerts(deps)).map(({ percent, used }) => [percent, used]);
  usage.use(use(4_999n));
  assertEquals(await told(), []);
  usage.use(use(1n));
  assertEquals(await told(), [[50, 5_000n]]);
  assertEquals(await told(), []);
  usage.use(use(4_500n));
  assertEquals(await told(), [[90, 9_500n]]);
  usage.use(use(500n));
  assertEquals(await told(), [[100, 10_000n]]);
  clock.atMs = Date.UTC(2026, 5, 2);
  usage.use(use(5_000n, { month: 5, day: 1 }));
  assertEquals(await told(), [[50, 5_000n]]);
  close();
});

Deno.test("a raised limit re-arms the thresholds above the usage", async () => {
  const { deps, usage, tenants, tenant, close } = await billingWorld();
  const percents = async () => (await evaluateAlerts(deps)).map(({ percent }) => percent);
  usage.use(use(9_000n));
  assertEquals(await percents(), [90]);
  const quotas = { risk_score: { units: 16_000n, enforcement: "soft" as const } };
  tenants.set({ ...tenant(), overrides: { quotas } });
  assertEquals(await percents(), []);
  usage.use(use(5_400n));
  assertEquals(await percents(), [90]);
  close();
});

Deno.test("a budget is watched in the money that usage costs, without fees", async () => {
  const budget = { amount: usd("100"), stop: false };
  const { deps, usage, close } = await billingWorld(sampleTenant({ budget, createdAtMs: 0 }));
  usage.use(use(2_500n, { meter: "screening" }));
  const alerts = await evaluateAlerts(deps);
  assertEquals(
    alerts.map(({ subject, percent, used, limit }) => [subject.kind, percent, used, limit]),
    [
      ["budget", 50, 5_000n, 10_000n],
    ],
  );
  close();
});

Deno.test("an alert is delivered to the tenant's channels, and tried again while they fail", async () => {
  const { deps, usage, close } = await billingWorld();
  usage.use(use(5_000n));
  await evaluateAlerts(deps);
  await deps.store.putAlertSettings({
    tenantId: "ten_a",
    emails: ["ops@acme.example"],
    webhookUrl: null,
    webhookSecret: null,
  }, null);
  const answers: Delivery[] = [{ channels: [], failure: "refused" }];
  const served: Delivery = { channels: ["ops@acme.example"], failure: null };
  const notifier = { notify: () => Promise.resolve(answers.shift() ?? served) };
  const run = () => deliverAlerts({ ...deps, notifier });
  assertEquals(await run(), { delivered: 0, failed: 1 });
  assertEquals(await run(), { delivered: 1, failed: 0 });
  assertEquals(await run(), { delivered: 0, failed: 0 });
  const alerts = await deps.store.alerts("ten_a", 10);
  assertEquals(alerts.map(({ delivery }) => [delivery.state, delivery.attempts]), [[
    "delivered",
    2,
  ]]);
  close();
});

Deno.test("an unusual hour is found once, and usual ones are not", async () => {
  const { deps, usage, clock, close } = await billingWorld();
  clock.atMs = Date.UTC(2026, 4, 20, 10, 5);
  for (let day = 1; day < 20; day++) usage.use(use(BigInt(100 + day % 3), { day }));
  usage.use(use(5_000n, { day: 20 }));
  usage.use(use(101n, { day: 20, meter: "screening" }));
  const found = await scanAnomalies(deps);
  assertEquals(found.map(({ meter, kind, units, expected }) => [meter, kind, units, expected]), [
    ["risk_score", "spike", 5_000, 101],
  ]);
  assertEquals(await scanAnomalies(deps), []);
  assertEquals((await deps.store.anomalies({ limit: 5 })).length, 1);
  close();
});

Deno.test("adjustments and credits refuse what can't be meant, and repeat without effect", async () => {
  const { deps, close } = await billingWorld();
  const adjust = async (changes: Record<string, unknown>) => {
    const input = { tenantId: "ten_a", amountMinor: -100n, note: "Sorry", createdBy: "op" };
    const result = await adjustMoney(deps, { ...input, ...changes });
    return result.ok ? result.value.amountMinor : result.error.code;
  };
  assertEquals(await adjust({ amountMinor: 0n }), "invalid_amount");
  assertEquals(await adjust({ amountMinor: 10n ** 12n }), "invalid_amount");
  assertEquals(await adjust({ note: " " }), "invalid_note");
  assertEquals(await adjust({ periodId: "2026-07-01" }), "period_not_found");
  assertEquals(await adjust({ adjustmentId: "adj_1" }), -100n);
  assertEquals(await adjust({ adjustmentId: "adj_1" }), -100n);
  assertEquals((await deps.store.adjustments("ten_a", "2026-05-01")).length, 1);
  const credit = { tenantId: "ten_a", name: "x", category: "paid" as const, expiresAtMs: null };
  const negative = await grantCredit(deps, { ...credit, amountMinor: -1n });
  assertEquals(negative.ok, false);
  const late = await grantCredit(deps, { ...credit, amountMinor: 1n, expiresAtMs: 1 });
  assertEquals(late.ok, false);
  close();
});

Deno.test("an alert is sent again on demand: to all after a delivery, else to who lacks it", async () => {
  const { deps, usage, clock, close } = await billingWorld();
  usage.use(use(5_000n));
  const [alert] = await evaluateAlerts(deps);
  if (alert === undefined) throw new Error("No alert");
  await deps.store.putAlertSettings({
    tenantId: "ten_a",
    emails: ["ops@acme.example"],
    webhookUrl: null,
    webhookSecret: null,
  }, null);
  const told: (readonly string[])[] = [];
  const notifier = (delivery: Delivery) => ({
    notify: (sent: { readonly delivery: { readonly channels: readonly string[] } }) => {
      told.push(sent.delivery.channels);
      return Promise.resolve(delivery);
    },
  });
  const half: Delivery = { channels: ["webhook"], failure: "ops@acme.example: full" };
  await deliverAlerts({ ...deps, notifier: notifier(half) });
  const whole: Delivery = { channels: ["webhook", "ops@acme.example"], failure: null };
  clock.advance(1_000);
  const again = {
    ...deps,
    notifier: notifier(whole),
    audit: createKvAuditLog(new MemoryKv()),
  };
  const resent = await resendAlert(again, { ...alert, act: ACT });
  assertEquals(resent.ok && resent.value.delivery, {
    state: "delivered",
    attempts: 1,
    detail: null,
    channels: whole.channels,
    triedAtMs: clock.nowMs(),
  });
  await resendAlert(again, { ...alert, act: ACT });
  assertEquals(told, [[], ["webhook"], []]);
  const { items } = await deps.store.recentAlerts({ sinceMs: 0, limit: 10, state: "delivered" });
  assertEquals(items.map(({ alertId }) => alertId), [alert.alertId]);
  const foreign = await resendAlert(again, { ...alert, tenantId: "ten_b", act: ACT });
  assertEquals(foreign.ok ? "" : foreign.error.code, "alert_not_found");
  close();
});
