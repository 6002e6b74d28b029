import { assert, assertEquals } from "@std/assert";
import type { KvLike } from "@/lib/kv/kv_like.ts";
import { configEpochKey } from "@/lib/kv/keys.ts";
import { createUsageLog } from "@/lib/kv/usage_log.ts";
import { SegmentTotals, type UsageEntry } from "@/lib/domain/segment.ts";
import type { AppendRequest, UsageLog } from "@/lib/ports/usage_log.ts";

export interface UsageLogFixture {
  readonly kv: KvLike;
  close(): void | Promise<void>;
}

const ENTRY: UsageEntry = {
  tenantId: "acme",
  meter: "risk_score",
  planRevision: "growth@1",
  periodId: "2026-05-01",
  keyId: "key_1",
  units: 5n,
};
const AT = Date.UTC(2026, 4, 15, 12);

/** What the usage log must do on every store it may stand on. */
export function testUsageLog(name: string, open: () => Promise<UsageLogFixture>): void {
  const test = (
    guarantee: string,
    run: (log: UsageLog, kv: KvLike) => Promise<void>,
  ) =>
    Deno.test(`${name}: ${guarantee}`, async () => {
      const { kv, close } = await open();
      await run(createUsageLog({ kv, ringSize: 4 }), kv);
      await close();
    });

  test("segments come back in order, and only those of this round of the ring", async (log) => {
    const { versionstamp: ring } = await log.openRing("i1", AT);
    const versions: string[] = [];
    for (let seq = 0; seq < 6; seq++) {
      const overwrites = seq < 4 ? null : versions[seq - 4] ?? null;
      const appended = await log.append("i1", request({ seq, ring, overwrites }));
      assert(appended.kind === "committed");
      versions.push(appended.versionstamp);
    }
    const found = await log.segments("i1", { fromSeq: 2, limit: 10 });
    assertEquals(found.map(({ seq }) => seq), [2, 3, 4, 5]);
    assertEquals(found[0]?.entries, [ENTRY]);
    assertEquals(await log.segments("i1", { fromSeq: 1, limit: 10 }), []);
  });

  test("a place that has changed is not overwritten", async (log) => {
    const { versionstamp: ring } = await log.openRing("i1", AT);
    assertEquals((await log.append("i1", request({ seq: 0, ring }))).kind, "committed");
    const again = await log.append("i1", request({ seq: 0, ring, mark: 2 }));
    assert(again.kind === "refused");
    assertEquals([again.fenced, again.found?.seq, again.found?.mark], [false, 0, 1]);
  });

  test("a commit that is repeated is known for our own", async (log) => {
    const { versionstamp: ring } = await log.openRing("i1", AT);
    const first = await log.append("i1", request({ seq: 0, ring }));
    const second = await log.append("i1", request({ seq: 0, ring }));
    assertEquals(second, first);
  });

  test("after the fence no append succeeds, whatever it carries", async (log) => {
    const { versionstamp: ring } = await log.openRing("i1", AT);
    await log.append("i1", request({ seq: 0, ring }));
    await log.fence("i1");
    const late = await log.append("i1", request({ seq: 1, ring }));
    assert(late.kind === "refused");
    assertEquals([late.fenced, late.certain], [true, true]);
    assertEquals(await log.renewLease("i1", { ring, untilMs: AT }), false);
  });

  test("an append under an old configuration is refused and names the new one", async (log, kv) => {
    const { versionstamp: ring } = await log.openRing("i1", AT);
    const moved = await kv.set(configEpochKey(), "x");
    const outcome = await log.append("i1", request({ seq: 0, ring, epoch: null }));
    assert(outcome.kind === "refused");
    assertEquals([outcome.epoch, outcome.fenced], [moved.versionstamp, false]);
    assertEquals(
      (await log.append("i1", request({ seq: 0, ring, epoch: moved.versionstamp }))).kind,
      "committed",
    );
  });

  test("a step of the fold applies once, however often it is tried", async (log, kv) => {
    const start = await log.openRing("i1", AT);
    const { versionstamp: ring } = start;
    const segment = request({ seq: 0, ring });
    await log.append("i1", segment);
    const totals = new SegmentTotals();
    totals.add(segment.segment);
    const step = {
      cursor: start,
      groups: totals.groups(),
      next: { fromSeq: 1, toSeq: 1, done: 0, foldedUnits: 5n },
    };
    const once = await log.applyFold("i1", step);
    assertEquals(await log.applyFold("i1", step), once);
    const other = { ...step, next: { ...step.next, fromSeq: 2, toSeq: 2 } };
    assertEquals(await log.applyFold("i1", other), null);
    const slot = await kv.get<Deno.KvU64>([
      "minute",
      AT,
      "acme",
      "risk_score",
      "growth@1",
      "2026-05-01",
    ]);
    assertEquals(slot.value?.value, 5n);
  });

  test("a step of a fold that another one has gone beyond is not taken for one's own", async (log) => {
    const cursor = await log.openRing("i1", AT);
    await log.append("i1", request({ seq: 0, ring: cursor.versionstamp }));
    const step = (done: number) => ({ fromSeq: 0, toSeq: 1, done, foldedUnits: 0n });
    const first = await log.applyFold("i1", { cursor, groups: [], next: step(1) });
    assert(first !== null);
    assert(await log.applyFold("i1", { cursor: first, groups: [], next: step(2) }) !== null);
    assertEquals(await log.applyFold("i1", { cursor, groups: [], next: step(1) }), null);
  });

  test("a ring that can still be written is not retired", async (log) => {
    const cursor = await log.openRing("i1", AT);
    const finished = await log.finish("i1", cursor);
    assert(finished !== null);
    assertEquals(await log.retire("i1", finished), false);
    assertEquals((await log.rings()).map(({ open }) => open), [true]);
    await log.fence("i1");
    assertEquals(await log.retire("i1", finished), true);
    assertEquals(await log.rings(), []);
  });

  test("a ring is retired once, and nothing of it remains", async (log, kv) => {
    const cursor = await log.openRing("i1", AT);
    await log.append("i1", request({ seq: 0, ring: cursor.versionstamp }));
    await log.fence("i1");
    const folded = await log.applyFold("i1", {
      cursor,
      groups: [],
      next: { fromSeq: 1, toSeq: 1, done: 0, foldedUnits: 5n },
    });
    assert(folded !== null);
    assertEquals(await log.finish("i1", cursor), null, "there was more to fold");
    const finished = await log.finish("i1", folded);
    assert(finished !== null);
    const stranger = request({ seq: 1, ring: "0".repeat(20), mark: 9 });
    const between = await log.append("i1", stranger);
    assert(between.kind === "refused");
    assertEquals(
      [between.fenced, between.certain],
      [true, false],
      "its segments may be gone already",
    );
    assertEquals(await log.retire("i1", finished), true);
    assertEquals(await log.rings(), []);
    assertEquals(await log.finish("i1", folded), null);
    assertEquals(await log.rings(), []);
    const left: Deno.KvKey[] = [];
    for (const prefix of [["log"], ["ring"], ["ring_cursor"], ["ring_lease"]]) {
      for await (const { key } of kv.list({ prefix })) left.push(key);
    }
    assertEquals(left, []);
    assertEquals((await kv.get<Deno.KvU64>(["retired_units"])).value?.value, 5n);
    const late = await log.append("i1", request({ seq: 0, ring: cursor.versionstamp, mark: 9 }));
    assert(late.kind === "refused");
    assertEquals(
      [late.fenced, late.certain],
      [true, false],
      "what it held can't be known any more",
    );
  });
}

function request(
  { seq, ring, overwrites = null, mark = 1, epoch }: {
    readonly seq: number;
    readonly ring: string;
    readonly overwrites?: string | null;
    readonly mark?: number;
    readonly epoch?: string | null;
  },
): AppendRequest {
  return {
    segment: { seq, windowStartMs: AT, entries: [ENTRY], cumulativeUnits: 5n * BigInt(seq + 1) },
    ring,
    mark,
    overwrites,
    epoch,
    replies: [],
    events: [],
  };
}
