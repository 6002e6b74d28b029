import { assert, assertEquals } from "@std/assert";
import { createKvBillingStore } from "@/lib/kv/billing_store.ts";
import { createCorrectionStore } from "@/lib/kv/correction_store.ts";
import { tenantKey } from "@/lib/kv/keys.ts";
import {
  approveCorrection,
  type CorrectionDeps,
  proposeCorrection,
  refuseCorrection,
} from "@/lib/metering/corrections.ts";
import { CountingIds } from "@/tests/support/fixed_effects.ts";
import {
  assertBooksBalance,
  billable,
  call,
  delivered,
  type MeteringWorld,
  MINUTE,
  openMeteringWorld,
  PERIOD,
} from "@/tests/support/metering_world.ts";

const LINE = { tenantId: "acme", meter: "risk_score", planRevision: "growth@1", periodId: PERIOD };

function deps(world: MeteringWorld): CorrectionDeps {
  return {
    corrections: createCorrectionStore({ kv: world.kv }),
    sealer: world.engine().sealer,
    targets: {
      target: (line) => Promise.resolve(world.targets(line)),
    },
    clock: world.clock,
    ids: new CountingIds(),
  };
}

Deno.test("a correction is an entry of its own, up or down, and the books count it as adjusted", async () => {
  const world = await openMeteringWorld();
  const engine = world.engine();
  await engine.recorder.record(call(100));
  await engine.tick();
  world.clock.advance(5 * MINUTE);
  const common = deps(world);
  for (const units of [25n, -40n]) {
    const made = await proposeCorrection(
      { ...LINE, units, reason: "double import", author: "olga" },
      common,
    );
    assertEquals(made.ok && made.value.state, "applied");
    await assertBooksBalance(world.reader);
  }
  await engine.flushDue();
  const [line] = await world.reader.books();
  assertEquals([line?.acknowledged, line?.adjusted, line?.sent], [100n, -15n, 85n]);
  assertEquals(delivered(world.provider), 85n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("a large correction waits for a second person", async () => {
  const world = await openMeteringWorld();
  const made = await proposeCorrection(
    { ...LINE, units: -10_001n, reason: "error", author: "olga" },
    deps(world),
  );
  assert(made.ok);
  assertEquals(made.value.state, "pending");
  const { tenantId, correctionId } = made.value;
  const own = await approveCorrection({ tenantId, correctionId, approver: "olga" }, deps(world));
  assertEquals(!own.ok && own.error.code, "same_person");
  assertEquals((await world.reader.books()).length, 0);
  const other = await approveCorrection({ tenantId, correctionId, approver: "omar" }, deps(world));
  assertEquals(other.ok && [other.value.state, other.value.approver], ["applied", "omar"]);
  const again = await approveCorrection({ tenantId, correctionId, approver: "omar" }, deps(world));
  assertEquals(!again.ok && again.error.code, "already_decided");
  assertEquals((await world.reader.books())[0]?.adjusted, -10_001n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("a refused correction changes nothing, for ever", async () => {
  const world = await openMeteringWorld();
  const made = await proposeCorrection(
    { ...LINE, units: 20_000n, reason: "error", author: "olga" },
    deps(world),
  );
  assert(made.ok);
  const { tenantId, correctionId } = made.value;
  assert((await refuseCorrection({ tenantId, correctionId, approver: "omar" }, deps(world))).ok);
  const late = await approveCorrection({ tenantId, correctionId, approver: "omar" }, deps(world));
  assertEquals(!late.ok && late.error.code, "already_decided");
  assertEquals(await world.reader.books(), []);
  world.close();
});

for (const fault of ["drop_before", "drop_after", "repeat", "late"] as const) {
  Deno.test(`a correction whose commits meet ${fault} is applied once`, async () => {
    for (let position = 0; position < 4; position++) {
      const world = await openMeteringWorld();
      world.kv.script(...Array.from({ length: position }, () => "pass" as const), fault);
      const made = await proposeCorrection(
        { ...LINE, units: 25n, reason: "import", author: "olga" },
        deps(world),
      );
      await world.kv.land();
      assertEquals(made.ok && made.value.state, "applied");
      assertEquals((await world.reader.outbox({ limit: 5 })).entries.length, 1);
      await assertBooksBalance(world.reader);
      world.close();
    }
  });
}

Deno.test("an approval that died half-way is finished by repeating it", async () => {
  const world = await openMeteringWorld();
  const common = deps(world);
  const made = await proposeCorrection(
    { ...LINE, units: 20_000n, reason: "x", author: "a" },
    common,
  );
  assert(made.ok);
  const { tenantId, correctionId } = made.value;
  const died = world.kv.holdAfter(2);
  approveCorrection({ tenantId, correctionId, approver: "b" }, common);
  await died;
  world.kv.beforeCommit = () => {};
  const again = await approveCorrection({ tenantId, correctionId, approver: "b" }, deps(world));
  assertEquals(again.ok && again.value.state, "applied");
  assertEquals((await world.reader.outbox({ limit: 5 })).entries.length, 1);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("a small correction that died before it was applied is finished by repeating the request", async () => {
  for (const diesAt of [2, 3, 4]) {
    const world = await openMeteringWorld();
    const request = { ...LINE, units: 25n, reason: "x", author: "olga", correctionId: "cor_1" };
    let commits = 0;
    world.kv.beforeCommit = () => {
      if (++commits >= diesAt) throw new Error("killed");
    };
    const died = await proposeCorrection(request, deps(world)).then(() => false, () => true);
    assert(died, `at commit ${diesAt}`);
    world.kv.beforeCommit = () => {};
    const again = await proposeCorrection(request, deps(world));
    assertEquals(again.ok && again.value.state, "applied", `at commit ${diesAt}`);
    const other = await proposeCorrection({ ...request, units: 26n }, deps(world));
    assertEquals(!other.ok && other.error.code, "conflict", "an id names one correction");
    assertEquals((await world.reader.books())[0]?.adjusted, 25n);
    await assertBooksBalance(world.reader);
    world.close();
  }
});

Deno.test("a correction whose units are in the books is applied, whatever closed before it was marked so", async () => {
  const world = await openMeteringWorld();
  const common = deps(world);
  const proposal = { ...LINE, units: 20_000n, reason: "x", author: "a" };
  const waiting = await proposeCorrection(proposal, common);
  assert(waiting.ok);
  const { tenantId, correctionId } = waiting.value;
  const approve = () => approveCorrection({ tenantId, correctionId, approver: "b" }, common);
  let commits = 0;
  world.kv.beforeCommit = () => {
    if (++commits === 3) throw new Error("killed");
  };
  assert(await approve().then(() => false, () => true));
  world.kv.beforeCommit = () => {};
  assertEquals((await world.reader.books())[0]?.adjusted, 20_000n);
  await world.kv.set(tenantKey(tenantId), { status: "closed" });
  const done = await approve();
  assertEquals(done.ok && done.value.state, "applied");
  assertEquals((await world.reader.books())[0]?.adjusted, 20_000n);
  await assertBooksBalance(world.reader);
  world.close();
});

Deno.test("no correction gets into a period whose invoice is final, or becomes so meanwhile", async () => {
  const world = await openMeteringWorld();
  const common = deps(world);
  const store = createKvBillingStore(world.kv);
  const proposal = { ...LINE, units: 20_000n, reason: "x", author: "a" };
  const waiting = await proposeCorrection(proposal, common);
  assert(waiting.ok);
  const { correctionId } = waiting.value;
  const { tenantId, periodId } = LINE;
  const row = {
    tenantId,
    periodId,
    invoiceId: "in_1",
    reasons: [],
    attempts: 1,
    updatedAtMs: 0,
    closingSinceMs: null,
  } as const;
  const approve = () => approveCorrection({ tenantId, correctionId, approver: "b" }, deps(world));
  // The close begins when the approval is about to seal.
  let commits = 0;
  world.kv.beforeCommit = async () => {
    if (++commits !== 2) return;
    await store.putPeriodClose({ ...row, state: "waiting", closingSinceMs: 1 }, null);
  };
  const first = await approve();
  assertEquals(!first.ok && first.error.code, "conflict");
  assertEquals((await world.reader.outbox({ limit: 5 })).entries.length, 0);
  const second = await approve();
  assertEquals(!second.ok && second.error.code, "period_closing");
  const closing = await store.periodClose(tenantId, periodId);
  await store.putPeriodClose({ ...row, state: "finalized" }, closing?.versionstamp ?? null);
  const last = await approve();
  assertEquals(!last.ok && last.error.code, "period_closed");
  const kept = await common.corrections.find(tenantId, correctionId);
  assertEquals(kept?.value.state, "refused");
  const another = await proposeCorrection(proposal, common);
  assertEquals(!another.ok && another.error.code, "period_closed");
  world.close();
});

Deno.test("no correction gets to a tenant that is closed while it is approved", async () => {
  const world = await openMeteringWorld();
  const common = deps(world);
  const proposal = { ...LINE, units: 20_000n, reason: "x", author: "a" };
  const waiting = await proposeCorrection(proposal, common);
  assert(waiting.ok);
  const { tenantId, correctionId } = waiting.value;
  const approve = () => approveCorrection({ tenantId, correctionId, approver: "b" }, common);
  let commits = 0;
  world.kv.beforeCommit = async () => {
    if (++commits === 2) await world.kv.inner.set(tenantKey(tenantId), { status: "closed" });
  };
  const first = await approve();
  assertEquals(!first.ok && first.error.code, "conflict");
  const second = await approve();
  assertEquals(!second.ok && second.error.code, "tenant_closed");
  assertEquals((await world.reader.outbox({ limit: 5 })).entries.length, 0);
  const kept = await common.corrections.find(tenantId, correctionId);
  assertEquals(kept?.value.state, "refused");
  world.close();
});

Deno.test("a correction needs units, a reason, an author and somebody to bill", async () => {
  const world = await openMeteringWorld();
  const good = { ...LINE, units: 5n, reason: "why", author: "who" };
  const codes = [];
  for (const change of [{ units: 0n }, { units: 2n ** 53n }, { reason: "" }, { author: " " }]) {
    const made = await proposeCorrection({ ...good, ...change }, deps(world));
    codes.push(made.ok ? "made" : made.error.pointer);
  }
  assertEquals(codes, ["/units", "/units", "/reason", "/author"]);
  world.targets = () => ({ kind: "unbillable", reason: "no_stripe_customer" });
  const made = await proposeCorrection(good, deps(world));
  assertEquals(!made.ok && made.error.code, "not_billable");
  assertEquals(billable("a", "b").kind, "billable");
  world.close();
});
