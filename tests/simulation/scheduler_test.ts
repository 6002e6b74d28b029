/** The ground that the simulation stands on: one seed, one history; the dead stay silent. */
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import {
  FaultyKv,
  type KvFaultRates,
  newKvFaultCounts,
  NO_KV_FAULTS,
} from "../support/faulty_kv.ts";
import { MemoryKv } from "../support/memory_kv.ts";
import { drainMicrotasks } from "../support/microtasks.ts";
import { Random } from "../support/random.ts";
import { Actor, ConnectionLost, Deadlock, VirtualScheduler } from "../support/virtual_scheduler.ts";

const COUNTER = ["counter"];

Deno.test("the same seed gives the same history and another seed another", async () => {
  const [first, again, other] = [await race(7), await race(7), await race(8)];
  assertEquals(first, again);
  assertNotEquals(first.hash, other.hash);
});

Deno.test("the history is the same however the engine is asked to run what is waiting", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    assertEquals(await race(seed), await race(seed, null));
  }
});

Deno.test("different seeds reach different winners of one race", async () => {
  const winners = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) winners.add((await race(seed)).order.join());
  assert(winners.size > 4, `only ${winners.size} orders in 20 seeds`);
});

Deno.test("a killed actor's request takes effect and its reply never arrives", async () => {
  const scheduler = new VirtualScheduler({ seed: 3, startMs: 0 });
  const kv = new MemoryKv();
  const victim = new Actor("victim");
  let acknowledged = false;
  await scheduler.run(async () => {
    const work = scheduler.carry(victim, {
      label: "write",
      latency: { thereMs: 5, backMs: 5 },
      effect: () => kv.set(COUNTER, 1),
    });
    work.then(() => acknowledged = true);
    scheduler.after(7, { owner: null, label: "kill", run: () => victim.kill() });
    await scheduler.sleep(new Actor("test"), 100);
  }, { maxSteps: 100 });
  assertEquals((await kv.get(COUNTER)).value, 1);
  assertEquals(acknowledged, false);
});

Deno.test("a request to an actor that dies breaks, whatever it was doing", async () => {
  const scheduler = new VirtualScheduler({ seed: 3, startMs: 0 });
  const [client, server] = [new Actor("client"), new Actor("server")];
  await scheduler.run(async () => {
    scheduler.after(50, { owner: null, label: "kill", run: () => server.kill() });
    const latency = { thereMs: 1, backMs: 1 };
    const work = () => new Promise<never>(() => {});
    const call = scheduler.ask({ from: client, to: server, label: "call", latency, work });
    await assertRejects(() => call, ConnectionLost);
  }, { maxSteps: 100 });
});

Deno.test("a lost wake-up is reported as a deadlock", async () => {
  const scheduler = new VirtualScheduler({ seed: 1, startMs: 0 });
  const forever = () => scheduler.run(() => new Promise(() => {}), { maxSteps: 10 });
  await assertRejects(forever, Deadlock);
});

Deno.test("every kind of fault strikes, and each does to the store what it says", async () => {
  const effects: Record<string, number> = {};
  for (const fault of ["refused", "locked", "lostReply", "repeated"] as const) {
    const { kv, stored } = faulty({ ...NO_KV_FAULTS, [fault]: 1 });
    const outcome = await kv.atomic().sum(COUNTER, 1n).commit().then(() => "acked", () => "failed");
    effects[`${fault} ${outcome}`] = await stored();
  }
  assertEquals(effects["refused failed"], 0);
  assertEquals(effects["locked failed"], 0);
  assertEquals(effects["lostReply failed"], 1);
  const repeats = effects["repeated acked"] ?? 0;
  assert(repeats >= 2, "a bare sum counts again when the client repeats the commit");
});

Deno.test("a checked commit that is repeated counts once and answers as a conflict", async () => {
  const { kv, stored } = faulty({ ...NO_KV_FAULTS, repeated: 1 });
  const outcome = await kv.atomic().check({ key: ["once"], versionstamp: null })
    .set(["once"], true).sum(COUNTER, 1n).commit();
  assertEquals(outcome.ok, false);
  assertEquals(await stored(), 1);
});

function faulty(rates: KvFaultRates) {
  const inner = new MemoryKv();
  const wire = {
    carry: <T>(_label: string, effect: () => Promise<T>) => effect(),
    later: (_label: string, effect: () => Promise<unknown>) => void effect(),
  };
  const options = { wire, random: new Random(1), rates: () => rates, counts: newKvFaultCounts() };
  const kv = new FaultyKv(inner, options);
  const stored = async () => Number((await inner.get<Deno.KvU64>(COUNTER)).value?.value ?? 0n);
  return { kv, stored };
}

/** Four actors take turns at one counter by optimistic commits. */
async function race(
  seed: number,
  drain = drainMicrotasks,
): Promise<{ hash: string; order: string[] }> {
  const scheduler = new VirtualScheduler({ seed, startMs: 0, drain });
  const kv = new MemoryKv();
  const order: string[] = [];
  const carry = <T>(actor: Actor, effect: () => Promise<T>) => {
    const latency = { thereMs: scheduler.random.below(9), backMs: scheduler.random.below(9) };
    return scheduler.carry(actor, { label: "kv", latency, effect });
  };
  const runner = async (actor: Actor) => {
    for (;;) {
      const entry = await carry(actor, () => kv.get<number>(COUNTER));
      const outcome = await carry(
        actor,
        () => kv.atomic().check(entry).set(COUNTER, (entry.value ?? 0) + 1).commit(),
      );
      if (outcome.ok) return order.push(actor.name);
    }
  };
  const actors = ["a", "b", "c", "d"].map((name) => new Actor(name));
  await scheduler.run(() => Promise.all(actors.map(runner)), { maxSteps: 10_000 });
  assertEquals((await kv.get(COUNTER)).value, 4);
  return { hash: scheduler.traceHash, order };
}
