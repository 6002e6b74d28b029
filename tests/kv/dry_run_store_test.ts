import { assertEquals } from "@std/assert";
import { createKvDryRunStore } from "@/lib/kv/dry_run_store.ts";
import type { DryRun, DryRunRow } from "@/lib/ports/catalog.ts";

const HEAD: DryRun = {
  dryRunId: "dry_1",
  planRevision: "growth@2",
  termsHash: "00",
  currency: "usd",
  createdAtMs: 0,
  periodIds: ["2026-05-01"],
  tenants: 250,
  winners: 0,
  losers: 250,
  unchanged: 0,
  beforeMinor: 0n,
  afterMinor: 250n,
  changeMinor: 250n,
};

function row(at: number): DryRunRow {
  return {
    tenantId: `ten_${String(at).padStart(4, "0")}`,
    name: "A tenant with a long name, as people have them".padEnd(80, "."),
    currentRevision: "growth@1",
    beforeMinor: 0n,
    afterMinor: 1n,
    changeMinor: 1n,
    unpricedMeters: [],
    refusedUnits: 0n,
  };
}

Deno.test("rows of a dry run come back page by page, each once, in order", async () => {
  const kv = await Deno.openKv(":memory:");
  const store = createKvDryRunStore(kv);
  for (const count of [0, 1, 99, 100, 101, 250]) {
    const dryRunId = `dry_${count}`;
    const rows = Array.from({ length: count }, (_, at) => row(at));
    await store.putDryRun({ ...HEAD, dryRunId }, rows);
    for (const limit of [1, 7, 100, 1_000]) {
      const seen: DryRunRow[] = [];
      let cursor: string | null = null;
      for (let page = 0; page <= count + 1; page++) {
        const found: Awaited<ReturnType<typeof store.dryRunRows>> = await store.dryRunRows({
          dryRunId,
          limit,
          ...(cursor === null ? {} : { cursor }),
        });
        seen.push(...found.rows);
        cursor = found.cursor;
        if (cursor === null) break;
      }
      assertEquals(seen, rows, `${count} rows by ${limit}`);
    }
  }
  assertEquals(await store.dryRunRows({ dryRunId: "dry_1", limit: 1, cursor: "../x" }), {
    rows: [],
    cursor: null,
  });
  kv.close();
});

Deno.test("dry runs are listed newest first, of one version or of all", async () => {
  const kv = await Deno.openKv(":memory:");
  const store = createKvDryRunStore(kv);
  await store.putDryRun({ ...HEAD, dryRunId: "dry_1" }, []);
  await store.putDryRun({ ...HEAD, dryRunId: "dry_2", planRevision: "free@1" }, []);
  await store.putDryRun({ ...HEAD, dryRunId: "dry_3" }, []);
  const ids = async (query: { planRevision?: string; limit: number }) =>
    (await store.dryRuns(query)).map(({ dryRunId }) => dryRunId);
  assertEquals(await ids({ limit: 9 }), ["dry_3", "dry_2", "dry_1"]);
  assertEquals(await ids({ planRevision: "growth@2", limit: 1 }), ["dry_3"]);
  assertEquals(await ids({ planRevision: "free@1", limit: 9 }), ["dry_2"]);
  kv.close();
});
