/** A database that gives no answer: every call ends with 503 and `Retry-After`, and counts nothing. */
import { assert, assertEquals } from "@std/assert";
import { OPERATIONS } from "@/lib/http/api/operations.ts";
import type { KvAtomicLike, KvLike, KvListLike } from "@/lib/kv/kv_like.ts";
import { OPERATOR_OPERATIONS } from "@/lib/http/operator/operations.ts";
import { OPERATOR_TOKEN, startApi, type TestTenant } from "@/tests/support/api_world.ts";
import { dumpDifference, dumpKv } from "@/tests/support/kv_dump.ts";
import { operatorActs } from "@/tests/support/operator_acts.ts";
import { ISIN, prepareTenant, tenantCalls, usageEvent } from "@/tests/support/tenant_calls.ts";

/** As in production. */
const ANSWER_MAX_MS = 2_000;

/** What the database does now: nothing at all, or what a commit asks for without ever saying so. */
let mood: "well" | "silent" | "commits_unanswered" = "well";
const never = () => new Promise<never>(() => {});

let database: KvLike | null = null;

/** The database itself, under all of the app. */
function moody(kv: KvLike): KvLike {
  database = kv;
  return {
    get: (...given) => asked(() => kv.get(...given)),
    getMany: (...given) => asked(() => kv.getMany(...given)),
    set: (...given) => asked(() => kv.set(...given)),
    delete: (...given) => asked(() => kv.delete(...given)),
    list: (...given) => moodyList(kv.list(...given)),
    atomic: () => moodyAtomic(kv.atomic()),
    close: () => kv.close(),
  };
}

function asked<T>(work: () => Promise<T>): Promise<T> {
  return mood === "silent" ? never() : work();
}

function moodyList<T>(list: KvListLike<T>): KvListLike<T> {
  return {
    get cursor() {
      return list.cursor;
    },
    next: () => asked(() => list.next()),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function moodyAtomic(inner: KvAtomicLike): KvAtomicLike {
  const chained = (work: () => unknown) => {
    work();
    return atomic;
  };
  const atomic: KvAtomicLike = {
    check: (...given) => chained(() => inner.check(...given)),
    set: (...given) => chained(() => inner.set(...given)),
    delete: (...given) => chained(() => inner.delete(...given)),
    sum: (...given) => chained(() => inner.sum(...given)),
    max: (...given) => chained(() => inner.max(...given)),
    commit: async () => {
      const done = await asked(() => inner.commit());
      return mood === "commits_unanswered" ? await never() : done;
    },
  };
  return atomic;
}

const folder = await Deno.makeTempDir({ prefix: "hung_" });
const path = `${folder}/kv.db`;
const world = await startApi({ KV_URL: path }, { kv: { wrap: moody, timeoutMs: ANSWER_MAX_MS } });
/** The app's own connection, past its moods: a second one may find the file locked, or lock it. */
const kv: KvLike = database ?? missing();
const { services } = world.runtime;
const CALLS = tenantCalls(services.clock.nowMs());
const tenant = await prepareTenant(world, "tn_hung");
globalThis.addEventListener("unload", () => {
  void world[Symbol.asyncDispose]();
  Deno.removeSync(folder, { recursive: true });
});

function missing(): never {
  throw new Error("The app opened no database");
}

function api(name: string, fn: () => Promise<void>): void {
  // The app's sockets and timers belong to the file, not to one test.
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

async function during<T>(state: typeof mood, work: () => Promise<T>): Promise<T> {
  mood = state;
  try {
    return await work();
  } finally {
    mood = "well";
  }
}

async function unitsOf({ tenantId }: TestTenant): Promise<bigint> {
  await services.engine.folder.foldOwn();
  const lines = await services.usage.books({ tenantId });
  assertEquals(lines.filter(({ difference }) => difference !== 0n), []);
  return lines.reduce((sum, { acknowledged }) => sum + acknowledged, 0n);
}

/** A request of every operation of both APIs, and of every kind of page. */
async function requests() {
  const acts = operatorActs(world);
  const mutating = [];
  for (const { id, method } of OPERATOR_OPERATIONS.filter(({ method }) => method !== "GET")) {
    const act = await acts.samples[id]?.();
    assert(act !== undefined, id);
    const path = `/operator/v1${act.path}`;
    mutating.push({ id, method, path, key: OPERATOR_TOKEN, json: act.json });
  }
  const reading = OPERATOR_OPERATIONS.filter(({ method }) => method === "GET").map((operation) => ({
    id: operation.id,
    method: "GET",
    path: operation.path.replace("{tenant}", tenant.tenantId).replace(/\{\w+\}/g, "x"),
    key: OPERATOR_TOKEN,
  }));
  const calls = OPERATIONS.map(({ id, method, path }) => {
    const sample = CALLS[id];
    const place = path.replace(/\{(id|isin)\}/, ISIN);
    const query = id === "getUsage" ? "?granularity=hour" : "";
    return sample === undefined
      ? { id, method, path: `${place}${query}`, key: tenant.key }
      : { ...sample, id, key: tenant.key, headers: { "content-type": sample.type } };
  });
  const pages = ["/readyz", "/metrics", "/portal", "/operator/sign-in", "/portal/sign-in"]
    .map((page) => ({ id: page, method: "GET", path: page, key: OPERATOR_TOKEN }));
  return [...calls, ...mutating, ...reading, ...pages];
}

api(
  "with a silent database no call hangs, fails otherwise than with 503, or changes anything",
  async () => {
    // What is known in memory is served from memory, so everything is read once before.
    const asked = await requests();
    const before = await dumpKv(kv);
    const units = await unitsOf(tenant);
    const replies = await during(
      "silent",
      () =>
        Promise.all(asked.map(async (request) => ({ request, reply: await world.send(request) }))),
    );
    let unavailable = 0;
    for (const { request: { id, method }, reply } of replies) {
      assert(reply.status !== 500 && reply.status !== 502, `${id}: ${reply.status} ${reply.text}`);
      if (reply.status !== 503) {
        const decided = reply.status < 400
          ? method === "GET" || id === "validateIdentifiers"
          : true;
        const retry = id === "sendEvents" && reply.body.counted === 0;
        assert(decided || retry, `${id}: ${reply.status} ${reply.text}`);
        continue;
      }
      unavailable += 1;
      assert(Number(reply.headers.get("retry-after")) >= 1, `${id} says when to come back`);
    }
    assert(unavailable > 50, `only ${unavailable} were refused`);
    assertEquals(dumpDifference(before, await dumpKv(kv)), []);
    assertEquals(await unitsOf(tenant), units);
  },
);

api("a metered call that met a silent database is billed once when it is repeated", async () => {
  const request = {
    path: "/v1/ratings",
    key: tenant.key,
    json: { instrument: ISIN, include: ["risk_score"] },
    headers: { "idempotency-key": "hung-1" },
  };
  const before = await unitsOf(tenant);
  const cut = await during("silent", () => world.send(request));
  assertEquals([cut.status, cut.body.code], [503, "unavailable"]);
  assertEquals(await unitsOf(tenant), before);
  for (let time = 0; time < 2; time++) assertEquals((await world.send(request)).status, 200);
  assertEquals(await unitsOf(tenant), before + 1n);
});

api(
  "commits that take effect and are never answered are read back: each call is answered and counted once",
  async () => {
    const before = await unitsOf(tenant);
    const rated = {
      path: "/v1/ratings",
      key: tenant.key,
      json: { instrument: ISIN, include: ["risk_score"] },
      headers: { "idempotency-key": "hung-2" },
    };
    const events = {
      path: "/v1/events",
      key: tenant.key,
      body: JSON.stringify([usageEvent("hung")]),
      headers: { "content-type": "application/cloudevents-batch+json" },
    };
    const [rating, event] = await during(
      "commits_unanswered",
      () => Promise.all([world.send(rated), world.send(events)]),
    );
    assertEquals([rating.status, event.status, event.body.counted], [200, 200, 1]);
    assertEquals((await world.send(rated)).headers.get("idempotency-replayed"), "true");
    assertEquals((await world.send(events)).body.results[0].status, "duplicate");
    assertEquals(await unitsOf(tenant), before + 4n);
  },
);
