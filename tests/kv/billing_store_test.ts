import { assertEquals } from "@std/assert";
import { createKvBillingStore } from "@/lib/kv/billing_store.ts";
import type { ProviderNotice } from "@/lib/ports/billing_provider.ts";
import type { PeriodClose } from "@/lib/ports/money_ledger.ts";
import type { ReconcileReport, ReconcileRow } from "@/lib/ports/report_store.ts";

async function open() {
  const kv = await Deno.openKv(":memory:");
  return { store: createKvBillingStore(kv), close: () => kv.close() };
}

function notice(eventId: string): ProviderNotice {
  return { eventId, type: "x", createdAtMs: 0, kind: "other" };
}

Deno.test("of many copies of one notice that arrive at once, one is new", async () => {
  const { store, close } = await open();
  const copies = Array.from(
    { length: 20 },
    () => store.receive(notice("evt_1"), { atMs: 1, via: "snapshot" }),
  );
  const outcomes = await Promise.all(copies);
  assertEquals(outcomes.filter((outcome) => outcome === "new").length, 1);
  assertEquals((await store.waiting(10)).length, 1);
  close();
});

Deno.test("notices wait in order of arrival until they are settled", async () => {
  const { store, close } = await open();
  await store.receive(notice("evt_b"), { atMs: 1, via: "snapshot" });
  await store.receive(notice("evt_a"), { atMs: 2, via: "snapshot" });
  const [first, second] = await store.waiting(10);
  assertEquals([first?.notice.eventId, second?.notice.eventId], ["evt_b", "evt_a"]);
  if (first !== undefined) await store.settle({ ...first, state: "applied" });
  if (second !== undefined) await store.settle({ ...second, attempts: 1 });
  assertEquals((await store.waiting(10)).map(({ attempts }) => attempts), [1]);
  close();
});

Deno.test("notices are listed newest first, by state, page by page, and for their time", async () => {
  const { store, close } = await open();
  for (let at = 1; at <= 130; at++) {
    await store.receive(notice(`evt_${at}`), { atMs: at, via: at % 2 === 0 ? "thin" : "pull" });
    const stored = await store.notice(`evt_${at}`);
    if (stored !== null && at % 10 === 0) await store.settle({ ...stored, state: "failed" });
  }
  const seen: number[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 9; page++) {
    const found = await store.notices({
      sinceMs: 31,
      limit: 40,
      ...(cursor === undefined ? {} : { cursor }),
    });
    seen.push(...found.items.map(({ receivedAtMs }) => receivedAtMs));
    if (found.cursor === null) break;
    cursor = found.cursor;
  }
  assertEquals(seen, Array.from({ length: 100 }, (_, at) => 130 - at));
  const failed = await store.notices({ sinceMs: 0, limit: 5, state: "failed" });
  assertEquals(failed.items.map(({ receivedAtMs }) => receivedAtMs), [130, 120, 110, 100, 90]);
  const first = await store.notices({ sinceMs: 0, limit: 100 });
  const late = await store.notices({ sinceMs: 40, limit: 100, cursor: first.cursor ?? "" });
  assertEquals(late, { items: [], cursor: null }, "what has grown too old meanwhile is gone");
  assertEquals(await store.lastArrival("thin"), { receivedAtMs: 130, refused: null });
  assertEquals((await store.lastArrival("snapshot")).receivedAtMs, null);
  await store.receive(notice("evt_130"), { atMs: 999, via: "thin" });
  assertEquals((await store.lastArrival("thin")).receivedAtMs, 999, "a repeat arrived too");
  assertEquals((await store.notices({ sinceMs: 0, limit: 1 })).items[0]?.receivedAtMs, 130);
  close();
});

Deno.test("a long report keeps every row, and each tenant finds its own", async () => {
  const { store, close } = await open();
  const report: ReconcileReport = {
    reportId: "rec_1",
    startedAtMs: 0,
    finishedAtMs: 1,
    rows: 250,
    differences: 0,
    pending: 0n,
    late: 0n,
    refused: 0n,
    doubtful: 0n,
    unexplained: 0n,
    failures: [],
  };
  const rows = Array.from({ length: 250 }, (_, at): ReconcileRow => ({
    tenantId: `ten_${at % 3}`,
    meter: "risk_score",
    periodId: "2026-05-01",
    ledger: BigInt(at),
    stripe: BigInt(at),
    invoiced: null,
    pending: 0n,
    late: 0n,
    refused: 0n,
    doubtful: 0n,
    unexplained: 0n,
    evidence: Array.from({ length: 10 }, (_, entry) => ({
      identifier: String(entry).padEnd(100, "i"),
      state: "written_off",
      units: 10n ** 14n,
      reason: "r".repeat(120),
    })),
  }));
  await store.putReport(report, rows);
  assertEquals(await store.reportRows({ reportId: "rec_1" }), rows);
  const own = await store.reportRows({ reportId: "rec_1", tenantId: "ten_1" });
  assertEquals(own, rows.filter(({ tenantId }) => tenantId === "ten_1"));
  close();
});

Deno.test("of two instances that close a period at once, one writes", async () => {
  const { store, close } = await open();
  const row: PeriodClose = {
    tenantId: "ten_a",
    periodId: "2026-05-01",
    state: "held",
    invoiceId: null,
    reasons: [],
    attempts: 1,
    updatedAtMs: 0,
    closingSinceMs: null,
  };
  const outcomes = await Promise.all([
    store.putPeriodClose(row, null),
    store.putPeriodClose({ ...row, attempts: 2 }, null),
  ]);
  assertEquals(outcomes.filter(({ ok }) => ok).length, 1);
  assertEquals((await store.periodCloses({ state: "held", limit: 5 })).items.length, 1);
  assertEquals((await store.periodCloses({ state: "finalized", limit: 5 })).items, []);
  close();
});
