/** Units that were acknowledged after the copy was made: found by Stripe's word, and booked from it. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { provisionTenant } from "@/lib/billing/provision_tenant.ts";
import { reconcile } from "@/lib/billing/reconcile.ts";
import { bookGap, findGaps } from "@/lib/billing/restore_gap.ts";
import { openKv } from "@/lib/kv/open_kv.ts";
import { decideEntry, type EntryDecision } from "@/lib/metering/decide_entry.ts";
import { decideCorrection } from "@/lib/metering/correct_units.ts";
import { restore } from "@/lib/metering/restore.ts";
import { createIds } from "@/lib/platform/ids.ts";
import { systemScheduler } from "@/lib/platform/system_scheduler.ts";
import { bookOneGap, loadGaps } from "@/lib/operator/load_gaps.ts";
import type { Act } from "@/lib/tenancy/act.ts";
import { restoreParts } from "@/tools/restore.ts";
import { type ApiWorld, must, startApi } from "@/tests/support/api_world.ts";
import { MemoryLogger } from "@/tests/support/fixed_effects.ts";
import { PATIENT_KV } from "@/tests/support/patient_kv.ts";
import { useUnits } from "@/tests/support/whole_app.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const ACT: Act = { actor: { kind: "system", id: "tests" }, ip: null, requestId: "req_1" };
const TENANT = "ten_a";

function by(id: string): Act {
  return { actor: { kind: "operator", id }, ip: null, requestId: "req_1" };
}

/** Runs `work` on a service of its own over the database file, and stops it. */
async function onService(
  path: string,
  clock: { readonly nowMs: () => number },
  work: (world: ApiWorld) => Promise<void>,
): Promise<void> {
  const world = await startApi({ KV_URL: path }, { clock, logger: new MemoryLogger() });
  try {
    await work(world);
  } finally {
    await world[Symbol.asyncDispose]();
  }
}

/** A file with what stands beside it: the log of SQLite, and Stripe's own database. */
async function copyDatabase(from: string, to: string, what: (suffix: string) => boolean) {
  for (const suffix of ["", "-wal", "-shm", ".stripe", ".stripe-wal", ".stripe-shm"]) {
    if (!what(suffix)) continue;
    await Deno.copyFile(from + suffix, to + suffix).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}

/**
 * 100 units at Stripe and a copy; then `lost` units more, in each hour that follows, and the database
 * is lost. `work` gets a service on the copy, after the drill, beside the same Stripe.
 */
async function restored(
  lost: readonly bigint[],
  work: (desk: Awaited<ReturnType<typeof deskOf>>) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const [path, copy] = [`${folder}/first.db`, `${folder}/copy.db`];
  let nowMs = Date.parse("2026-11-24T10:00:00Z");
  const clock = { nowMs: () => nowMs };
  const use = async ({ runtime }: ApiWorld, units: bigint) => {
    await useUnits(runtime, { tenantId: TENANT, meter: "risk_score", units });
    nowMs += 2 * MINUTE_MS;
    await runtime.services.engine.flushDue();
  };
  try {
    await onService(path, clock, async (world) => {
      await world.tenant(TENANT);
      const collection = { kind: "invoice", daysUntilDue: 30 } as const;
      const { billing } = world.runtime.services;
      must(await provisionTenant(billing, { tenantId: TENANT, email: null, collection }));
      await use(world, 100n);
    });
    await copyDatabase(path, copy, (suffix) => !suffix.startsWith(".stripe"));
    await onService(path, clock, async (world) => {
      for (const units of lost) {
        nowMs += HOUR_MS;
        await use(world, units);
      }
    });
    await copyDatabase(path, copy, (suffix) => suffix.startsWith(".stripe"));
    nowMs += HOUR_MS;
    const ids = createIds(clock);
    const kv = await openKv({ url: copy }, { scheduler: systemScheduler, ids, ...PATIENT_KV });
    const { deps, withEpoch } = restoreParts({ kv, clock, ids, logger: new MemoryLogger() });
    const { epoch } = await deps.restores.state();
    must(await restore(deps, { word: epoch ?? "", newEpoch: "db_second", act: ACT }, withEpoch));
    kv.close();
    await onService(copy, clock, async (world) => {
      for (let hour = 0; hour < 3; hour++) {
        nowMs += HOUR_MS;
        await world.runtime.services.engine.flushDue();
      }
      await work(deskOf(world, (ms) => {
        nowMs += ms;
      }));
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function deskOf({ runtime: { services } }: ApiWorld, later: (ms: number) => void) {
  const { billing, outboxActions, plans, audit } = services;
  const corrections = { ...services.corrections, plans, audit };
  const deps = { billing, outbox: outboxActions.outbox, corrections };
  const find = async () => must(await findGaps(deps, { tenantId: TENANT, sinceMs: 0 }));
  const wanted = { tenantId: TENANT, meter: "risk_score", day: "2026-11-24", reason: "Restored" };
  const book = async (who: string) => {
    const booked = await bookGap(deps, { ...wanted, act: by(who) });
    return booked.ok ? booked.value : booked.error.code;
  };
  const decide = async (correctionId: string, who: string, decision: "approve" | "refuse") =>
    must(
      await decideCorrection(
        { tenantId: TENANT, correctionId, decision, act: by(who) },
        corrections,
      ),
    ).state;
  /** Ledger, Stripe and what nobody can explain, to the unit. */
  const compare = async () => {
    await services.engine.flushDue();
    const { rows: [row] } = await reconcile(billing, { tenantId: TENANT });
    const [line] = await services.usage.books();
    return [row?.ledger, row?.stripe, row?.unexplained, line?.difference];
  };
  /** Books the gap in a process that is killed between an entry's seal and its mark as sent. */
  const dieBooking = async () => {
    const { outbox } = outboxActions;
    const { move } = outbox;
    Object.assign(outbox, { move: () => Promise.reject(new Error("killed")) });
    await assertRejects(() => book("olga"), Error, "killed");
    Object.assign(outbox, { move });
  };
  const entry = async () =>
    (await services.usage.outbox({ tenantId: TENANT, limit: 5 })).entries[0];
  /** Flushes once an hour, for longer than any doubt about summaries lasts. */
  const flushForHours = async (hours: number) => {
    for (let hour = 0; hour < hours; hour++) {
      later(HOUR_MS);
      await services.engine.flushDue();
    }
  };
  const act = async (decision: EntryDecision) => {
    const { entryId = "" } = await entry() ?? {};
    const reason = "Looked at Stripe";
    const deps = { ...outboxActions, audit };
    must(await decideEntry({ entryId, decision, reason, act: by("ada") }, deps));
  };
  return { services, find, book, decide, compare, dieBooking, entry, flushForHours, act };
}

Deno.test("what was acknowledged after the copy is found by day, and booked from Stripe's word to the unit", async () => {
  await restored([30n, 12n], async ({ services, find, book, compare }) => {
    assertEquals(await compare(), [100n, 142n, -42n, 0n]);
    const [gap, ...others] = await find();
    assertEquals(others, []);
    assertEquals(
      [gap?.meter, gap?.planRevision, gap?.periodId, gap?.day],
      ["risk_score", "test@1", "2026-11-01", "2026-11-24"],
    );
    assertEquals([gap?.stripe, gap?.books, gap?.lacks, gap?.undecided], [142n, 100n, 42n, 0n]);
    assertEquals(gap?.hours.map(({ lacks }) => lacks), [30n, 12n]);

    const booked = await book("olga");
    assert(typeof booked !== "string", String(booked));
    assertEquals(booked.map(({ state, units }) => [state, units]), [["applied", 30n], [
      "applied",
      12n,
    ]]);
    assertEquals([await find(), await book("olga")], [[], "no_gap"]);
    assertEquals(await compare(), [142n, 142n, 0n, 0n], "nothing was sent");
    const { items } = await services.audit.entries({ chain: TENANT, limit: 20 });
    const rows = items.filter(({ action }) => action === "correction.applied");
    assertEquals(rows.map(({ actor }) => actor.id), ["olga", "olga"]);
    const again = await services.chores.hourly();
    assertEquals([again.report.reconcileDifferences, again.report.hourDifferences], [0, 0]);
  });
});

Deno.test("the console lists the gap, wants a reason, books it, and says what became of it", async () => {
  await restored([30n], async ({ services, compare }) => {
    const listed = await loadGaps(services, TENANT);
    assert(listed.kind === "answer");
    assertEquals(listed.value.map(({ lacks }) => lacks), [30n]);
    const book = async (reason: string) => {
      const wanted = { tenantId: TENANT, meter: "risk_score", day: "2026-11-24" };
      const booked = await bookOneGap(services, { ...wanted, reason, act: by("olga") });
      return booked.ok ? booked.value : booked.error.code;
    };
    assertEquals([await book(" "), await book("Restored"), await book("Restored")], [
      "reason_missing",
      "gap_booked",
      "no_gap",
    ]);
    assertEquals(await compare(), [130n, 130n, 0n, 0n]);
  });
});

Deno.test("a large gap waits for a second person; refused, it can be proposed again; two at once book it once", async () => {
  await restored([30_000n], async ({ find, book, decide, compare }) => {
    const [first] = [await book("olga")].flat();
    assert(typeof first === "object");
    assertEquals([first.state, (await find()).length], ["pending", 1]);
    assertEquals([await book("olga")].flat(), [first], "repeating it proposes nothing more");
    assertEquals(await decide(first.correctionId, "omar", "refuse"), "refused");
    const proposals = (await Promise.all([book("olga"), book("ada")])).flat();
    const pending = proposals.filter((one) => typeof one === "object");
    const ids = new Set(pending.map(({ correctionId }) => correctionId));
    assertEquals(ids.size, 1);
    const [id = ""] = ids;
    assert(id !== first.correctionId);
    assertEquals(await compare(), [100n, 30_100n, -30_000n, 0n], "until then nothing is booked");
    assertEquals(await decide(id, "omar", "approve"), "applied");
    assertEquals(await find(), []);
    assertEquals(await compare(), [30_100n, 30_100n, 0n, 0n]);
  });
});

Deno.test("without a loss there is no gap, also while units are on their way", async () => {
  await restored([], async ({ services, find, book, compare }) => {
    assertEquals([await find(), await book("olga")], [[], "no_gap"]);
    assertEquals(await compare(), [100n, 100n, 0n, 0n]);
    const unknown = await findGaps(
      { billing: services.billing, outbox: services.outboxActions.outbox },
      { tenantId: "ten_none", sinceMs: 0 },
    );
    assertEquals(unknown.ok ? "" : unknown.error.code, "unknown_tenant");
  });
});

Deno.test("a booking that died between seal and mark bills nothing twice, however often its entry is retried", async () => {
  await restored([30n], async ({ find, book, compare, dieBooking, entry, flushForHours, act }) => {
    await dieBooking();
    for (let times = 0; times < 2; times++) {
      await flushForHours(4);
      const held = await entry();
      assertEquals([held?.state, held?.reason, held?.attempts], ["held", "restored_unclear", 0]);
      await act("retry");
    }
    await flushForHours(4);
    const [, stripe] = await compare();
    assertEquals(stripe, 130n, "Stripe has the units once");
    // Days later it is finished by repeating it.
    const [booked, ...others] = [await book("olga")].flat();
    assert(typeof booked === "object", String(booked));
    assertEquals([booked.state, booked.units, others], ["applied", 30n, []]);
    assertEquals([await find(), await book("olga"), await entry()], [[], "no_gap", undefined]);
    assertEquals(await compare(), [130n, 130n, 0n, 0n]);
  });
});

Deno.test("a booking of some hours that died in the first is finished, and the others booked, by repeating it", async () => {
  await restored([30n, 12n], async ({ services, find, book, compare, dieBooking }) => {
    await dieBooking();
    assertEquals((await find()).map(({ lacks, undecided }) => [lacks, undecided]), [[42n, 30n]]);
    const booked = await book("omar");
    assert(typeof booked !== "string", String(booked));
    assertEquals(booked.map(({ state, units }) => [state, units]), [["applied", 30n], [
      "applied",
      12n,
    ]]);
    assertEquals([await find(), await book("olga")], [[], "no_gap"]);
    assertEquals(await compare(), [142n, 142n, 0n, 0n]);
    const { corrections } = services.corrections;
    const all = await corrections.list({ tenantId: TENANT, limit: 9 });
    assertEquals(all.map(({ state }) => state), ["applied", "applied"], "nothing waits any more");
  });
});

Deno.test("of an entry that is still unclear a person may say that Stripe has it, or has not", async () => {
  await restored([30n], async ({ compare, dieBooking, flushForHours, act, entry }) => {
    await dieBooking();
    await flushForHours(4);
    await act("retry");
    await act("delivered");
    assertEquals([await entry(), await compare()], [undefined, [130n, 130n, 0n, 0n]]);
  });
});
