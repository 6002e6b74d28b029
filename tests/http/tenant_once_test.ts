/** `Idempotency-Key` on every operation of the tenant API that sends something. */
import { assert, assertEquals } from "@std/assert";
import { OPERATIONS } from "@/lib/http/api/operations.ts";
import { REPLY_CHARS_MAX, REPLY_LIFE_MS } from "@/lib/metering/idempotency.ts";
import type { RecordRequest } from "@/lib/ports/usage.ts";
import type { KvLike } from "@/lib/kv/kv_like.ts";
import { startApi, type TestTenant } from "@/tests/support/api_world.ts";
import { dumpDifference, dumpKv } from "@/tests/support/kv_dump.ts";
import { prepareTenant, tenantCalls, usageEvent } from "@/tests/support/tenant_calls.ts";

const folder = await Deno.makeTempDir({ prefix: "tenant_once_" });
/** The app's own connection: a second one may find the file locked, or lock it. */
let database: KvLike | null = null;
const world = await startApi({ KV_URL: `${folder}/kv.db` }, {
  kv: { wrap: (opened) => database = opened },
});
const kv: KvLike = database ?? missing();
const { services } = world.runtime;
const CALLS = tenantCalls(services.clock.nowMs());
const SENDING = OPERATIONS.filter(({ method }) => method !== "GET");
globalThis.addEventListener("unload", () => {
  void world[Symbol.asyncDispose]();
  Deno.removeSync(folder, { recursive: true });
});

let keys = 0;
const newKey = () => `once-${++keys}`;

function missing(): never {
  throw new Error("The app opened no database");
}

function api(name: string, fn: () => Promise<void>): void {
  // The app's sockets and timers belong to the file, not to one test.
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

async function prepare(operationId: string) {
  const sample = CALLS[operationId];
  if (sample === undefined) throw new Error(`No sample of ${operationId}`);
  const tenant = await prepareTenant(world, `tn_${operationId.toLowerCase()}_${++keys}`);
  const ask = (key: string | null, body = sample.body, path = sample.path) =>
    world.send({
      ...sample,
      path,
      key: tenant.key,
      body,
      headers: {
        "content-type": sample.type,
        ...key === null ? {} : { "idempotency-key": key },
      },
    });
  return { tenant, sample, ask };
}

async function unitsOf({ tenantId }: TestTenant): Promise<bigint> {
  await services.engine.folder.foldOwn();
  const lines = await services.usage.books({ tenantId });
  return lines.reduce((sum, { acknowledged }) => sum + acknowledged, 0n);
}

api("every operation that sends something has a sample here", () => {
  assertEquals(new Set(Object.keys(CALLS)), new Set(SENDING.map(({ id }) => id)));
  return Promise.resolve();
});

for (const { id } of SENDING) {
  api(`a repeated ${id} is answered from store, changes nothing and bills nothing`, async () => {
    const { tenant, sample, ask } = await prepare(id);
    const key = newKey();
    const first = await ask(key);
    assertEquals(first.status, 200, first.text);
    const units = await unitsOf(tenant);
    const before = await dumpKv(kv);
    const again = await ask(key);
    assertEquals([again.status, again.text], [200, first.text]);
    assertEquals(again.headers.get("idempotency-replayed"), "true");
    assertEquals(again.headers.get("etag"), first.headers.get("etag"));
    assertEquals(again.headers.get("clawmeter-units"), first.headers.get("clawmeter-units"));
    for (
      const other of [
        await ask(key, sample.other),
        await ask(key, sample.body, `${sample.path}?a=1`),
      ]
    ) {
      assertEquals([other.status, other.body.code], [422, "idempotency_key_reused"]);
    }
    assertEquals(dumpDifference(before, await dumpKv(kv)), []);
    assertEquals(await unitsOf(tenant), units);
  });

  api(`duplicates of ${id} that arrive together have one answer and are billed once`, async () => {
    const { tenant, ask } = await prepare(id);
    const alone = await prepare(id);
    await alone.ask(null);
    const key = newKey();
    const replies = await Promise.all(Array.from({ length: 4 }, () => ask(key)));
    for (const { status, text } of replies) assertEquals([status, text], [200, replies[0]?.text]);
    assertEquals(
      replies.filter(({ headers }) => headers.has("idempotency-replayed")).length,
      replies.length - 1,
    );
    assertEquals(await unitsOf(tenant), await unitsOf(alone.tenant));
  });

  api(`${id} whose answer was not made durable is safe to repeat`, async () => {
    const { tenant, ask } = await prepare(id);
    const alone = await prepare(id);
    const whole = await alone.ask(newKey());
    const key = newKey();
    const { recorder } = services;
    const record = (request: RecordRequest) =>
      request.event === undefined
        ? Promise.resolve({ kind: "unavailable", retryAfterMs: 2_000 } as const)
        : recorder.record(request);
    Object.assign(services, { recorder: { record } });
    const lost = await ask(key).finally(() => Object.assign(services, { recorder }));
    assertEquals([lost.status, lost.body.code], [503, "unavailable"]);
    assertEquals(lost.headers.get("retry-after"), "2");
    const again = await ask(key);
    assertEquals(again.status, 200, again.text);
    if (id !== "sendEvents") assertEquals(Object.keys(again.body), Object.keys(whole.body));
    assertEquals(await unitsOf(tenant), await unitsOf(alone.tenant));
    assertEquals(await stored(tenant), await stored(alone.tenant));
  });
}

api(
  "a key that another instance used for another request meanwhile is refused, never answered with that",
  async () => {
    const { tenant, ask } = await prepare("rateInstrument");
    const { recorder } = services;
    const taken = (requestHash: (own: string) => string) => (request: RecordRequest) => {
      const { reply } = request;
      assert(reply !== undefined);
      const theirs = {
        ...reply,
        requestHash: requestHash(reply.requestHash),
        body: '{"theirs":1}',
      };
      return Promise.resolve({ kind: "replayed", reply: theirs } as const);
    };
    const asked = async (record: typeof recorder.record) => {
      Object.assign(services, { recorder: { record } });
      return await ask(newKey()).finally(() => Object.assign(services, { recorder }));
    };
    const same = await asked(taken((own) => own));
    assertEquals([same.status, same.text], [200, '{"theirs":1}']);
    const other = await asked(taken(() => "another"));
    assertEquals([other.status, other.body.code], [422, "idempotency_key_reused"]);
    assertEquals(await unitsOf(tenant), 0n);
  },
);

/** What is stored of the market: rows by kind, and the prices themselves. */
async function stored({ tenantId, key }: TestTenant) {
  const kinds = ["instrument", "screening", "quote", "history", "history_part", "screening_list"];
  const rows: Record<string, number> = {};
  for (const kind of kinds) {
    rows[kind] = 0;
    for await (const _ of kv.list({ prefix: [kind, tenantId] })) rows[kind] += 1;
  }
  const price = await world.send({ path: "/v1/prices/US0378331005", key });
  return { rows, price: price.body };
}

api("an answer is replayed by its stored time, not by when the store forgets it", async () => {
  const { ask } = await prepare("validateIdentifiers");
  const key = newKey();
  const first = await ask(key);
  for (
    const [aheadMs, replayed] of [[REPLY_LIFE_MS - 60_000, "true"], [REPLY_LIFE_MS, null]] as const
  ) {
    const { idempotency } = services;
    const clock = { nowMs: () => Date.now() + aheadMs };
    Object.assign(Reflect.get(idempotency, "deps"), { clock });
    const reply = await ask(key).finally(() => {
      Object.assign(Reflect.get(idempotency, "deps"), { clock: services.clock });
    });
    assertEquals([reply.text, reply.headers.get("idempotency-replayed")], [first.text, replayed]);
  }
});

api(
  "a batch with events that are to be sent again is not replayed: its retry counts them",
  async () => {
    const { tenant, ask } = await prepare("sendEvents");
    const key = newKey();
    const { recorder } = services;
    let events = 0;
    const record = (request: RecordRequest) =>
      request.event !== undefined && ++events === 2
        ? Promise.resolve({ kind: "unavailable", retryAfterMs: 1_000 } as const)
        : recorder.record(request);
    Object.assign(services, { recorder: { record } });
    const half = await ask(key).finally(() => Object.assign(services, { recorder }));
    const statuses = (body: { results: { status: string }[] }) =>
      body.results.map(({ status }) => status);
    assertEquals(statuses(half.body), ["counted", "retry"]);
    const again = await ask(key);
    assertEquals(statuses(again.body), ["duplicate", "counted"]);
    assertEquals(await unitsOf(tenant), 6n);
  },
);

api("a batch whose answer is too large to keep is counted, says so, and counts once", async () => {
  const { tenant, ask } = await prepare("sendEvents");
  const long = (index: number) => String(index).padStart(256, "x");
  const events = Array.from({ length: 1_000 }, (_, index) => usageEvent(long(index)));
  const key = newKey();
  const first = await ask(key, JSON.stringify(events));
  assert(first.text.length > REPLY_CHARS_MAX);
  assertEquals([first.status, first.body.counted], [200, 1_000]);
  const again = await ask(key, JSON.stringify(events));
  assertEquals([again.status, again.body.counted], [200, 0]);
  assertEquals(await unitsOf(tenant), 3_000n);
});

api("a metered answer too large to keep is refused before anything is billed", async () => {
  const { tenant, ask } = await prepare("rateInstruments");
  const items = Array.from({ length: 500 }, () => ({ instrument: "US0378331005" }));
  const reply = await ask(newKey(), JSON.stringify({ items }));
  assertEquals([reply.status, reply.body.code], [422, "reply_too_large"]);
  assertEquals(await unitsOf(tenant), 0n);
});
