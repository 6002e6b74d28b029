/** `Idempotency-Key` on every operation of the operator API that changes something. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { OPERATOR_OPERATIONS } from "@/lib/http/operator/operations.ts";
import { systemScheduler } from "@/lib/platform/system_scheduler.ts";
import type { ActClaims } from "@/lib/ports/act_claims.ts";
import { OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import { StorageUnavailable } from "@/lib/ports/storage.ts";
import type { KvLike } from "@/lib/kv/kv_like.ts";
import { createActClaimStore } from "@/lib/kv/act_claim_store.ts";
import { createIdempotencyStore } from "@/lib/kv/idempotency_store.ts";
import { Idempotency, REPLY_LIFE_MS } from "@/lib/metering/idempotency.ts";
import { ActOnce, CLAIM_LEASE_MS } from "@/lib/tenancy/act_once.ts";
import { OPERATOR_TOKEN, startApi } from "@/tests/support/api_world.ts";
import { dumpDifference, dumpKv } from "@/tests/support/kv_dump.ts";
import { operatorActs } from "@/tests/support/operator_acts.ts";

const folder = await Deno.makeTempDir({ prefix: "operator_once_" });
/** The app's own connection: a second one may find the file locked, or lock it. */
let database: KvLike | null = null;
const world = await startApi({ KV_URL: `${folder}/kv.db` }, {
  kv: { wrap: (opened) => database = opened },
});
const kv: KvLike = database ?? missing();
const { services } = world.runtime;
const { send, samples } = operatorActs(world);
const MUTATING = OPERATOR_OPERATIONS.filter(({ method }) => method !== "GET");
/** Stripe has no draft for the close that the sample makes. */
Object.assign(services.billing.provider, {
  finalizeInvoice: () => Promise.resolve(),
  invoice: (invoiceId: string) => Promise.resolve({ invoiceId, status: "open" }),
});
globalThis.addEventListener("unload", () => {
  void world[Symbol.asyncDispose]();
  Deno.removeSync(folder, { recursive: true });
});

let keys = 0;
const newKey = () => `once-${++keys}`;

function api(name: string, fn: () => Promise<void>): void {
  // The app's sockets and timers belong to the file, not to one test.
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

async function prepare(operationId: string) {
  const { path, json } = await (samples[operationId] ?? missing)();
  const { method } = MUTATING.find(({ id }) => id === operationId) ?? missing();
  return {
    method,
    path,
    json: json as Readonly<Record<string, unknown>> | undefined,
    ask: (key: string, change: unknown = json, at = path) =>
      send(method, at, change, { "idempotency-key": key }),
  };
}

function missing(): never {
  throw new Error("No such operation");
}

api("every operation that changes something has a sample here", () => {
  assertEquals(new Set(Object.keys(samples)), new Set(MUTATING.map(({ id }) => id)));
  return Promise.resolve();
});

for (const { id, answer } of MUTATING) {
  api(`a repeated ${id} is answered from store and changes nothing`, async () => {
    const { ask, path, json } = await prepare(id);
    const key = newKey();
    const first = await ask(key);
    assertEquals(first.status, answer.status, first.text);
    assertEquals(first.headers.get("idempotency-replayed"), null);
    await services.listLoads.settled();
    const before = await dumpKv(kv);

    const again = await ask(key);
    assertEquals([again.status, again.text], [first.status, first.text]);
    assertEquals(again.headers.get("idempotency-replayed"), "true");
    assertEquals(again.headers.get("etag"), first.headers.get("etag"));
    assertEquals(again.headers.get("content-type"), "application/json");

    if (json !== undefined) {
      const other = await ask(key, { ...json, reason: "Something else" });
      assertEquals([other.status, other.body.code], [422, "idempotency_key_reused"]);
    }
    const elsewhere = await ask(key, undefined, `${path}?x=1`);
    assertEquals([elsewhere.status, elsewhere.body.code], [422, "idempotency_key_reused"]);
    assertEquals(dumpDifference(before, await dumpKv(kv)), []);
  });

  api(`duplicates of ${id} that arrive together are carried out once`, async () => {
    const { ask } = await prepare(id);
    const key = newKey();
    const replies = await Promise.all(Array.from({ length: 4 }, () => ask(key)));
    const [first] = replies;
    assert(first !== undefined);
    for (const { status, text } of replies) {
      assertEquals([status, text], [answer.status, first.text]);
    }
    const replayed = replies.filter(({ headers }) => headers.has("idempotency-replayed"));
    assertEquals(replayed.length, 3);
  });
}

/** What a retry is told when its first attempt took effect and died before its answer was stored. */
const AFTER_A_CRASH: Readonly<Record<string, string>> = {
  revokeKey: "key_not_active",
  publishPlan: "not_a_draft",
  approveAdjustment: "already_decided",
  refuseAdjustment: "already_decided",
  bookRestoreGap: "no_gap",
  approveCredit: "already_decided",
  refuseCredit: "already_decided",
  approveCorrection: "already_decided",
  refuseCorrection: "already_decided",
  retryOutboxEntry: "wrong_state",
  writeOffOutboxEntry: "wrong_state",
  resolveOutboxEntry: "wrong_state",
  releasePeriod: "not_held",
};
/** Rows of these may be one more for each attempt: they tell what happened, and are no effect. */
const TOLD = ["audit", "audit_head", "chore_run", "commit_mark", "reply", "act_claim"];
/** Work of an instance that goes on by itself, and the simulator's own notes. */
const GOES_ON = ["ring", "ring_lease", "ring_cursor", "log", "last_flush", "stripe_simulator"];

for (const { id, answer } of MUTATING) {
  api(
    `${id} whose answer was lost in a crash makes nothing twice when it is repeated`,
    async () => {
      const { ask, path } = await prepare(id);
      const key = newKey();
      const time = { aheadMs: 0 };
      let cut = true;
      using _ = replaceActOnce(time, (claims) => ({
        ...claims,
        answer: (...given) =>
          cut ? Promise.reject(new StorageUnavailable("cut")) : claims.answer(...given),
      }));
      const lost = await ask(key);
      assertEquals([lost.status, lost.body.code], [503, "unavailable"]);
      const soon = await ask(key);
      assertEquals([soon.status, soon.body.code], [409, "idempotency_in_progress"]);
      assert(soon.headers.has("retry-after"));
      const elsewhere = await ask(key, undefined, `${path}?x=1`);
      assertEquals([elsewhere.status, elsewhere.body.code], [422, "idempotency_key_reused"]);
      const before = await counted();

      cut = false;
      time.aheadMs = CLAIM_LEASE_MS;
      const again = await ask(key);
      const code = AFTER_A_CRASH[id];
      if (code === undefined) assertEquals(again.status, answer.status, again.text);
      else assertEquals(again.body.code, code, again.text);
      assertEquals(await counted(), before);
      if (code === undefined) {
        const replay = await ask(key);
        assertEquals([replay.status, replay.text], [again.status, again.text]);
      }
    },
  );
}

/** How many rows there are of each kind. */
async function counted(): Promise<Record<string, number>> {
  // What goes on behind a request writes the database that is read here.
  await services.listLoads.settled();
  const dump = await dumpKv(kv, { without: [...TOLD, ...GOES_ON] });
  const kinds = Map.groupBy(dump.keys(), (key) => /"(\w+)"/.exec(key)?.[1] ?? key);
  return Object.fromEntries([...kinds].map(([kind, keys]) => [kind, keys.length]));
}

/** The service with another guard of acts, until it is disposed of. */
function replaceActOnce(
  time: { readonly aheadMs: number },
  change: (claims: ActClaims) => ActClaims = (claims) => claims,
): Disposable {
  const before = services.actOnce;
  Object.assign(services, { actOnce: actOnce(time, change) });
  return { [Symbol.dispose]: () => void Object.assign(services, { actOnce: before }) };
}

function actOnce(
  time: { readonly aheadMs: number },
  change: (claims: ActClaims) => ActClaims = (claims) => claims,
  operatorToken = OPERATOR_TOKEN,
): ActOnce {
  const clock = { nowMs: () => Date.now() + time.aheadMs };
  return new ActOnce({
    idempotency: new Idempotency({ store: createIdempotencyStore({ kv }), clock }),
    claims: change(createActClaimStore({ kv, owner: OPERATOR_CHAIN })),
    clock,
    ids: services.ids,
    scheduler: systemScheduler,
    logger: services.logger,
    operatorToken,
  });
}

api("duplicates on two instances are carried out by one; the other is told to wait", async () => {
  const [here, there] = [actOnce({ aheadMs: 0 }), actOnce({ aheadMs: 0 })];
  const request = { operatorId: "operator", idempotencyKey: newKey(), requestHash: "same" };
  const begun = await Promise.all([here.begin(request), there.begin(request)]);
  const mine = begun.flatMap((each) => each.ok ? [each.value] : []);
  const codes = begun.flatMap((each) => each.ok ? [] : [each.error.code]);
  assertEquals([mine.length, codes], [1, ["idempotency_in_progress"]]);
  const [decision] = mine;
  assert(decision?.kind === "carry_out");
  await decision.answered({ status: 201, headers: [["etag", '"1"']], body: "{}" });
  for (const instance of [here, there]) {
    const replay = await instance.begin(request);
    assert(replay.ok && replay.value.kind === "replay");
    assertEquals(replay.value.reply, { status: 201, headers: [["etag", '"1"']], body: "{}" });
  }
});

api("an act that lasts longer than its lease stays its attempt's own", async () => {
  const time = { aheadMs: 0 };
  const timers: (() => void)[] = [];
  const scheduler = {
    after: (_delayMs: number, task: () => void) => {
      timers.push(task);
      return () => {};
    },
  };
  const first = new ActOnce({ ...Reflect.get(actOnce(time), "deps"), scheduler });
  const second = actOnce(time);
  const request = { operatorId: "operator", idempotencyKey: newKey(), requestHash: "long" };
  const begun = await first.begin(request);
  assert(begun.ok && begun.value.kind === "carry_out");
  for (let lease = 0; lease < 3; lease++) {
    time.aheadMs += CLAIM_LEASE_MS - 1;
    timers.shift()?.();
    while (timers.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    const meanwhile = await second.begin(request);
    assertEquals(meanwhile.ok ? "begun" : meanwhile.error.code, "idempotency_in_progress");
  }
  await begun.value.answered({ status: 200, headers: [], body: "{}" });
  const replay = await second.begin(request);
  assert(replay.ok && replay.value.kind === "replay");
});

api("an answer is replayed until the end of its life, and not a millisecond longer", async () => {
  const time = { aheadMs: 0 };
  const nowMs = Date.now();
  const deps = Reflect.get(actOnce(time), "deps");
  const clock = { nowMs: () => nowMs + time.aheadMs };
  const idempotency = new Idempotency({ store: createIdempotencyStore({ kv }), clock });
  const guard = new ActOnce({ ...deps, clock, idempotency });
  const request = { operatorId: "operator", idempotencyKey: newKey(), requestHash: "a" };
  const begun = await guard.begin(request);
  assert(begun.ok && begun.value.kind === "carry_out");
  await begun.value.answered({ status: 200, headers: [], body: '"first"' });
  time.aheadMs = REPLY_LIFE_MS - 1;
  const last = await guard.begin(request);
  assert(last.ok && last.value.kind === "replay");
  time.aheadMs = REPLY_LIFE_MS;
  const fresh = await guard.begin({ ...request, requestHash: "b" });
  assert(fresh.ok && fresh.value.kind === "carry_out");
  await fresh.value.answered({ status: 200, headers: [], body: '"second"' });
  const replay = await guard.begin({ ...request, requestHash: "b" });
  assert(replay.ok && replay.value.kind === "replay");
  assertEquals(replay.value.reply.body, '"second"');
});

api(
  "the secret of a new key is replayed to its operator and can't be read in the store",
  async () => {
    const { ask } = await prepare("createKey");
    const key = "a-key-that-only-its-operator-knows";
    const { secret } = (await ask(key)).body;
    assertEquals((await ask(key)).body.secret, secret);
    const text = [...await dumpKv(kv)].flat().join("\n");
    assert(!text.includes(secret), "no secret is stored");
    assert(!text.includes(secret.slice(8)), "nor a part of it");
    assert(!text.includes(key), "nor what would open it");

    const begun = await actOnce({ aheadMs: 0 }, undefined, "another-operator-token-0123456789")
      .begin({
        operatorId: "operator",
        idempotencyKey: key,
        requestHash: "unknown",
      });
    assertEquals(begun.ok ? "begun" : begun.error.code, "idempotency_key_reused");
  },
);

api("an answer can't be opened once the operator token has changed, and says so", async () => {
  const request = { operatorId: "operator", idempotencyKey: newKey(), requestHash: "token" };
  const begun = await actOnce({ aheadMs: 0 }).begin(request);
  assert(begun.ok && begun.value.kind === "carry_out");
  await begun.value.answered({ status: 200, headers: [], body: "{}" });
  const changed = await actOnce({ aheadMs: 0 }, undefined, "another-operator-token-0123456789")
    .begin(request);
  assertEquals(changed.ok ? "begun" : changed.error.code, "reply_unreadable");
});

api("a refused act leaves its key free for the request as it should have been", async () => {
  const { ask } = await prepare("createKey");
  const key = newKey();
  const wrong = await ask(key, { name: "prod", mode: "test", scopes: ["colour:read"] });
  assertEquals([wrong.status, wrong.body.code], [422, "invalid_scope"]);
  assertEquals((await ask(key)).status, 201);
});

api("a key that no header may carry is refused, and a read pays no attention to keys", async () => {
  const { ask } = await prepare("revokeKey");
  for (const key of ["", " ", "é", "x".repeat(256), "two words"]) {
    const reply = await ask(key);
    if (key.trim() !== "") assertEquals(reply.body.code, "idempotency_key_invalid", key);
  }
  const headers = { "idempotency-key": newKey() };
  for (const path of ["/tenants", "/plans"]) {
    const reply = await send("GET", path, undefined, headers);
    assertEquals([reply.status, reply.headers.get("idempotency-replayed")], [200, null]);
  }
});

api("attempts of one act draw the same ids, and no two acts do", async () => {
  const time = { aheadMs: 0 };
  const request = { operatorId: "operator", idempotencyKey: newKey(), requestHash: "ids" };
  const drawn: string[][] = [];
  for (let attempt = 0; attempt < 2; attempt++) {
    const begun = await actOnce(time).begin(request);
    assert(begun.ok && begun.value.kind === "carry_out");
    const { ids } = begun.value;
    drawn.push([ids.next("key"), ids.next("key"), ids.next("ten"), ids.bytes(70).toHex()]);
    await begun.value.failed();
  }
  assertEquals(drawn[0], drawn[1]);
  assertEquals(new Set(drawn[0]).size, 4);
  const other = await actOnce(time).begin({ ...request, idempotencyKey: newKey() });
  assert(other.ok && other.value.kind === "carry_out");
  assertNotEquals(other.value.ids.next("key"), drawn[0]?.[0]);
  await other.value.refused();
});
