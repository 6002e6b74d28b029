/** The books as the console pages through them. */
import { assert, assertEquals } from "@std/assert";
import { createCursors } from "@/lib/auth/cursors.ts";
import { allBooks, type BooksDeps, loadBooks } from "@/lib/operator/load_books.ts";
import type { BookLine } from "@/lib/ports/usage.ts";
import { FixedClock } from "@/tests/support/fixed_effects.ts";
import { MemoryTenants } from "@/tests/support/memory_tenants.ts";
import { call, openMeteringWorld, PERIOD } from "@/tests/support/metering_world.ts";
import { sampleTenant } from "@/tests/support/samples.ts";

function line(tenantId: string, change: Partial<BookLine> = {}): BookLine {
  return {
    tenantId,
    meter: "risk_score",
    planRevision: "growth@1",
    periodId: PERIOD,
    acknowledged: 100n,
    adjusted: 0n,
    corrected: false,
    log: 0n,
    windows: 0n,
    outbox: 0n,
    sent: 100n,
    rejected: 0n,
    confirmed: 100n,
    writtenOff: 0n,
    difference: 0n,
    moving: false,
    ...change,
  };
}

/** Books of a given number of tenants, and how often they were counted. */
function deps(lines: BookLine[]) {
  const clock = new FixedClock();
  const counted: (string | undefined)[] = [];
  const usage = {
    books: ({ tenantId }: { tenantId?: string } = {}) => {
      counted.push(tenantId);
      return Promise.resolve(
        lines.filter((one) => tenantId === undefined || one.tenantId === tenantId),
      );
    },
    evidence: () => Promise.resolve({ segments: 1n, ledger: 1n, difference: 0n, moving: false }),
  };
  const cursors = createCursors("a secret of the tests");
  const all = { usage, clock, cursors, tenants: new MemoryTenants() };
  return { deps: all as unknown as BooksDeps, clock, counted };
}

const load = (deps: BooksDeps, query = "") => loadBooks(deps, new URLSearchParams(query));

Deno.test("every line of a thousand tenants is on exactly one page, counted once for all of them", async () => {
  const lines = Array.from({ length: 1_000 }, (_, at) => line(`tn_${String(at).padStart(4, "0")}`));
  const world = deps(lines);
  const seen: string[] = [];
  for (let page = await load(world.deps);;) {
    seen.push(...page.lines.map(({ tenantId }) => tenantId));
    assertEquals(page.total.acknowledged, 100_000n, "the sum is of all lines, not of a page");
    if (page.nextHref === null) break;
    page = await load(world.deps, page.nextHref.split("?")[1] ?? "");
  }
  assertEquals(seen, lines.map(({ tenantId }) => tenantId));
  assertEquals(world.counted, [undefined]);
});

Deno.test("a count is used for a minute, then shown while one new count is made behind it", async () => {
  const lines = [line("tn_a")];
  const world = deps(lines);
  const first = await load(world.deps);
  lines.push(line("tn_b"));
  world.clock.advance(59_999);
  assertEquals((await load(world.deps)).asOfMs, first.asOfMs);
  world.clock.advance(1);
  const both = await Promise.all([load(world.deps), load(world.deps)]);
  assertEquals(both.map(({ asOfMs }) => asOfMs), [first.asOfMs, first.asOfMs]);
  assertEquals(world.counted.length, 2);
  assertEquals((await load(world.deps)).lines.length, 2);
  lines.push(line("tn_new"));
  world.clock.advance(600_000);
  const late = await Promise.all([load(world.deps), load(world.deps)]);
  assertEquals(late.map(({ lines }) => lines.length), [3, 3], "ten minutes old is waited for");
  assertEquals(world.counted.length, 3);
  lines.pop();
  lines.push(line("tn_c"));
  await allBooks.again(world.deps);
  assertEquals((await load(world.deps)).lines.length, 3);
  assertEquals((await load(world.deps, "tenant=tn_c")).lines.length, 1);
  assertEquals(world.counted.at(-1), "tn_c");
});

Deno.test("lines that differ or have something outstanding are found, and moving ones accuse nobody", async () => {
  const world = deps([
    line("tn_a"),
    line("tn_b", { sent: 90n, difference: 10n }),
    line("tn_c", { sent: 60n, outbox: 40n }),
    line("tn_d", { difference: 5n, moving: true }),
    line("tn_e", { periodId: "2026-04-01" }),
  ]);
  const found = async (query: string) =>
    (await load(world.deps, query)).lines.map(({ tenantId }) => tenantId);
  assertEquals(await found("show=differ"), ["tn_b"]);
  assertEquals(await found("show=outstanding"), ["tn_c"]);
  assertEquals(await found("period=2026-04-01"), ["tn_e"]);
  assertEquals(await found("show=differ&period=2026-04-01"), []);
  assertEquals(await found("show=colour&cursor=forged"), ["tn_a", "tn_b", "tn_c", "tn_d", "tn_e"]);
  const { filters, periods } = await load(world.deps);
  assertEquals(filters.map(({ lines }) => lines), [5, 1, 1]);
  assertEquals(periods, [PERIOD, "2026-04-01"]);
  const { total } = await load(world.deps, `period=${PERIOD}`);
  assertEquals(total.difference, 10n, "a line that moves while it is counted differs from nothing");
});

Deno.test("the page's numbers are those of the metering itself", async () => {
  const world = await openMeteringWorld();
  await world.engine().recorder.record(call(100));
  const cursors = createCursors("a secret of the tests");
  const tenants = new MemoryTenants(sampleTenant({ tenantId: "acme", name: "Acme" }));
  const all: BooksDeps = { usage: world.reader, clock: world.clock, cursors, tenants };
  const model = await load(all);
  assertEquals([model.total.acknowledged, model.total.log, model.total.difference], [
    100n,
    100n,
    0n,
  ]);
  assert(model.evidence?.difference === 0n);
  assertEquals(model.names, new Map([["acme", "Acme"]]));
  world.close();
});
