/** Period closes as the console shows them, over the stores of billing. */
import { assertEquals } from "@std/assert";
import { createCursors } from "@/lib/auth/cursors.ts";
import { closePeriod } from "@/lib/billing/close_period.ts";
import { reasonsText } from "@/lib/billing/release_period.ts";
import { periodAt } from "@/lib/domain/period.ts";
import { loadClose, loadCloses } from "@/lib/operator/load_closes.ts";
import type { Scheduler } from "@/lib/ports/scheduler.ts";
import type { CloseState } from "@/lib/ports/money_ledger.ts";
import { billingWorld, use } from "@/tests/support/billing_world.ts";
import { MemoryTenants } from "@/tests/support/memory_tenants.ts";
import { sampleTenant } from "@/tests/support/samples.ts";

const MAY = periodAt(Date.UTC(2026, 4, 1), "month");
/** Runs nothing: whoever waits for it waits for ever. */
const NEVER: Scheduler = { after: () => () => {} };
const AT_ONCE: Scheduler = { after: (_, task) => (queueMicrotask(task), () => {}) };

Deno.test("every close of every tenant is on exactly one page, and held ones come first to mind", async () => {
  const { deps, clock, close } = await billingWorld();
  const names: string[] = [];
  for (let at = 0; at < 130; at++) {
    const tenantId = `ten_${String(at).padStart(3, "0")}`;
    const state: CloseState = at % 10 === 0 ? "held" : at % 10 === 1 ? "waiting" : "finalized";
    if (state === "held") names.push(tenantId);
    await deps.store.putPeriodClose({
      tenantId,
      periodId: MAY.periodId,
      state,
      invoiceId: null,
      reasons: [],
      attempts: 1,
      updatedAtMs: 0,
      closingSinceMs: null,
    }, null);
  }
  const cursors = createCursors("a secret of the tests");
  const tenants = new MemoryTenants(sampleTenant({ tenantId: "ten_010", name: "Ten" }));
  const all = { billing: deps, clock, cursors, tenants };
  const load = (query = "") => loadCloses(all, new URLSearchParams(query));
  assertEquals((await load()).closes.map(({ tenantId }) => tenantId).toSorted(), names);
  assertEquals((await load("state=waiting")).closes.length, 13);
  const own = await load("state=held&tenant=ten_010");
  assertEquals([own.closes.length, own.names.get("ten_010")], [1, "Ten"]);
  assertEquals((await load("state=colour")).tab, "held");
  const seen = new Set<string>();
  let count = 0;
  for (let page = await load("state=all");;) {
    for (const { tenantId } of page.closes) seen.add(tenantId);
    count += page.closes.length;
    if (page.nextHref === null) break;
    page = await load(page.nextHref.split("?")[1]);
  }
  assertEquals([seen.size, count], [130, 130]);
  close();
});

Deno.test("a close shows our bill beside Stripe's invoice, also when Stripe does not answer", async () => {
  const { deps, clock, provider, usage, provision, tenant, close } = await billingWorld();
  await provision();
  usage.use(use(1_300n));
  clock.atMs = MAY.endMs + 60_000;
  const named = { tenantId: "ten_a", periodId: MAY.periodId };
  const load = (scheduler = NEVER) =>
    loadClose({ billing: deps, clock, portal: { scheduler } }, named);
  assertEquals(await load(), null);
  await closePeriod(deps, { tenant: tenant(), period: MAY });
  const waiting = await load();
  assertEquals([waiting?.close.state, waiting?.invoice], ["waiting", null]);

  const invoiceId = provider.draftInvoice("sub_ten_a", MAY.startMs);
  usage.online = false;
  const held = await closePeriod(deps, { tenant: tenant(), period: MAY });
  const shown = await load();
  assertEquals(shown?.seen, reasonsText(held.reasons));
  assertEquals(shown?.statement?.totalMinor, 4_900n + 1_100n);
  assertEquals(shown?.invoice?.kind === "answer" && shown.invoice.value?.invoiceId, invoiceId);
  provider.invoice = () => Promise.reject(new Error("Stripe is away"));
  assertEquals((await load())?.invoice, { kind: "unavailable", detail: "Stripe is away" });
  provider.invoice = () => new Promise(() => {});
  assertEquals((await load(AT_ONCE))?.invoice?.kind, "unavailable");
  close();
});
