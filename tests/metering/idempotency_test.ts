import { assert, assertEquals } from "@std/assert";
import { Idempotency, REPLY_LIFE_MS } from "@/lib/metering/idempotency.ts";
import type { StoredReply } from "@/lib/ports/usage.ts";
import { acknowledged, call, openMeteringWorld } from "@/tests/support/metering_world.ts";
import type { MeteringWorld } from "@/tests/support/metering_world.ts";
import type { MeteringEngine } from "@/lib/metering/engine.ts";

const REQUEST = { tenantId: "acme", idempotencyKey: "k1", requestHash: "h1" };

/** One call as a route makes it; `runs` counts executions. */
async function serve(
  { engine, idempotency, request = REQUEST, runs = [] }: {
    readonly engine: MeteringEngine;
    readonly idempotency: Idempotency;
    readonly request?: typeof REQUEST;
    readonly runs?: number[];
  },
): Promise<string> {
  const begun = await idempotency.begin(request);
  if (!begun.ok) return begun.error.code;
  const decision = begun.value;
  if (decision.kind === "replay") return `replay ${decision.reply.body}`;
  runs.push(1);
  await Promise.resolve();
  const { expiresAtMs, replaces, finish } = decision;
  const reply: StoredReply = {
    ...request,
    status: 200,
    headers: [],
    body: `run ${runs.length}`,
    expiresAtMs,
  };
  const outcome = await engine.recorder.record(call(5, { reply, replaces }));
  finish(outcome.kind === "committed" ? reply : outcome.kind === "replayed" ? outcome.reply : null);
  return outcome.kind === "committed" ? reply.body : outcome.kind;
}

function parts(world: MeteringWorld) {
  return {
    engine: world.engine(),
    idempotency: new Idempotency({ store: world.idempotency, clock: world.clock }),
  };
}

Deno.test("duplicates that arrive together share one execution and are billed once", async () => {
  const world = await openMeteringWorld();
  const runs: number[] = [];
  const one = { ...parts(world), runs };
  const answers = await Promise.all(Array.from({ length: 8 }, () => serve(one)));
  assertEquals(runs.length, 1);
  assertEquals(answers.filter((answer) => answer === "replay run 1").length, 7);
  assertEquals(await acknowledged(world.reader), 5n);
  world.close();
});

Deno.test("duplicates on two instances are billed once", async () => {
  const world = await openMeteringWorld();
  const answers = await Promise.all([serve(parts(world)), serve(parts(world))]);
  assertEquals(answers.toSorted(), ["replayed", "run 1"]);
  assertEquals(await acknowledged(world.reader), 5n);
  world.close();
});

Deno.test("the same key with another body is refused, at once and later", async () => {
  const world = await openMeteringWorld();
  const one = parts(world);
  const other = { ...REQUEST, requestHash: "h2" };
  const answers = await Promise.all([serve(one), serve({ ...one, request: other })]);
  assertEquals(answers, ["run 1", "idempotency_key_reused"]);
  assertEquals(await serve({ ...parts(world), request: other }), "idempotency_key_reused");
  world.close();
});

Deno.test("keys of different tenants have nothing to do with each other", async () => {
  const world = await openMeteringWorld();
  const one = parts(world);
  const other = { ...one, request: { ...REQUEST, tenantId: "other" } };
  assertEquals(await Promise.all([serve(one), serve(other)]), ["run 1", "run 1"]);
  assertEquals(await serve({ ...one, request: { ...REQUEST, tenantId: "third" } }), "run 1");
  world.close();
});

Deno.test("a reply is replayed until the end of its life, and not a millisecond longer", async () => {
  const world = await openMeteringWorld({ forgets: true });
  const one = parts(world);
  await serve(one);
  world.clock.advance(REPLY_LIFE_MS - 1);
  assertEquals(await serve(one), "replay run 1");
  world.clock.advance(1);
  assertEquals(await serve(one), "run 1");
  assertEquals(await acknowledged(world.reader), 10n);
  world.close();
});

Deno.test("an execution that recorded nothing leaves the key free for the next", async () => {
  const world = await openMeteringWorld();
  const one = parts(world);
  const begun = await one.idempotency.begin(REQUEST);
  assert(begun.ok && begun.value.kind === "execute");
  const waiting = serve(one);
  begun.value.finish(null);
  assertEquals(await waiting, "run 1");
  world.close();
});

Deno.test("a store that could not be asked about a key leaves it free for the next", async () => {
  const world = await openMeteringWorld();
  const one = parts(world);
  world.kv.readsFail = true;
  const failing = await Promise.allSettled([serve(one), serve(one)]);
  assertEquals(failing.map(({ status }) => status), ["rejected", "rejected"]);
  world.kv.readsFail = false;
  assertEquals(await serve(one), "run 1");
  assertEquals(await serve(one), "replay run 1");
  assertEquals(await acknowledged(world.reader), 5n);
  world.close();
});

Deno.test("a key that no header may carry is refused", async () => {
  const world = await openMeteringWorld();
  const { idempotency } = parts(world);
  for (const idempotencyKey of ["", "a b", "é", "x".repeat(256), "a\r\nb"]) {
    const begun = await idempotency.begin({ ...REQUEST, idempotencyKey });
    assertEquals(!begun.ok && begun.error.code, "idempotency_key_invalid");
  }
  world.close();
});
