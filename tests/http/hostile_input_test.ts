/** Bad input of every kind, with the whole database compared before and after. */
import { assert, assertEquals } from "@std/assert";
import { OPERATIONS } from "@/lib/http/api/operations.ts";
import { PROBLEMS } from "@/lib/http/problem_table.ts";
import { EVENTS_MAX } from "@/lib/metering/ingest_events.ts";
import type { KvLike } from "@/lib/kv/kv_like.ts";
import { startApi } from "@/tests/support/api_world.ts";
import { dumpDifference, dumpKv } from "@/tests/support/kv_dump.ts";
import { prepareTenant, tenantCalls, usageEvent } from "@/tests/support/tenant_calls.ts";

const folder = await Deno.makeTempDir({ prefix: "hostile_" });
/** The app's own connection: a second one may find the file locked, or lock it. */
let database: KvLike | null = null;
const world = await startApi({ KV_URL: `${folder}/kv.db` }, {
  kv: { wrap: (opened) => database = opened },
});
const kv: KvLike = database ?? missing();
const { services } = world.runtime;
const CALLS = tenantCalls(services.clock.nowMs());
const SINGLE = "application/cloudevents+json";
const BATCH = "application/cloudevents-batch+json";
const DAY_MS = 86_400_000;
const tenant = await prepareTenant(world, "tn_hostile");
// Whatever the service writes on its own account is written before the first comparison.
await post("/v1/events", JSON.stringify([usageEvent("first")]), BATCH);
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

function post(path: string, body: BodyInit, type: string, method = "POST") {
  return world.send({ method, path, key: tenant.key, body, headers: { "content-type": type } });
}

async function assertNothingWritten(work: () => Promise<void>): Promise<void> {
  const before = await dumpKv(kv);
  await work();
  assertEquals(dumpDifference(before, await dumpKv(kv)), []);
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** What no endpoint takes, whatever it expects. */
const BODIES: readonly (readonly [what: string, body: string, codes: readonly string[]])[] = [
  ["nothing", "", ["malformed_json", "validation_failed", "invalid_json"]],
  ["half a document", '{"a":', ["malformed_json", "invalid_json"]],
  ["two documents", "{}{}", ["malformed_json", "invalid_json"]],
  ["a hundred thousand brackets", "[".repeat(100_000), ["json_too_deep", "malformed_json"]],
  [
    "nesting that is whole",
    `${'{"a":'.repeat(200)}1${"}".repeat(200)}`,
    ["json_too_deep"],
  ],
  ["a key twice", '{"a":1,"a":2}', ["duplicate_json_key"]],
  ["a key twice, spelt differently", '{"a":1,"\\u0061":2}', ["duplicate_json_key"]],
  ["__proto__", '{"__proto__":{"a":1}}', ["forbidden_json_key"]],
  ["__proto__ within", '{"data":{"__proto__":1}}', ["forbidden_json_key"]],
  ["a number beyond all", '{"a":1e400}', ["validation_failed", "malformed_json"]],
  ["a string", '"text"', ["validation_failed"]],
  ["null", "null", ["validation_failed"]],
  ["a number", "7", ["validation_failed"]],
  ["a list of numbers", "[1,2]", ["validation_failed"]],
];

for (const operation of OPERATIONS.filter(({ request }) => request?.kind === "json")) {
  const { id } = operation;
  api(`${id} refuses what is no request with a code, and writes nothing`, async () => {
    const call = CALLS[id];
    assert(call !== undefined);
    await assertNothingWritten(async () => {
      for (const [what, body, codes] of BODIES) {
        const reply = await post(call.path, body, call.type, call.method);
        const code = refusalOf(id, reply.status, reply.body);
        const expected = id === "sendEvents" ? [...codes, "unsupported_media_type"] : codes;
        assert(expected.includes(code), `${what}: ${reply.status} ${code}`);
      }
      const large = await post(
        call.path,
        "x".repeat(operation.request?.maxBytes ?? 0) + "x",
        call.type,
        call.method,
      );
      assertEquals([large.status, large.body.code], [413, "body_too_large"]);
      const tenMegabytes = new Blob([`{"a":"${"x".repeat(10_000_000)}"}`]);
      const huge = await post(call.path, tenMegabytes, call.type, call.method);
      assert([413, 422].includes(huge.status), huge.text.slice(0, 200));
      for (const type of ["text/plain", "application/xml", "multipart/form-data"]) {
        const foreign = await post(call.path, call.body, type, call.method);
        assertEquals([foreign.status, foreign.body.code], [415, "unsupported_media_type"]);
      }
      const zipped = await world.send({
        method: call.method,
        path: call.path,
        key: tenant.key,
        body: call.body,
        headers: { "content-type": call.type, "content-encoding": "gzip" },
      });
      assertEquals([zipped.status, zipped.body.code], [415, "unsupported_content_encoding"]);
    });
  });
}

/** The code of a refused request; of a batch, the code that all of its items have. */
function refusalOf(
  operationId: string,
  status: number,
  // deno-lint-ignore no-explicit-any
  body: any,
): string {
  if (status !== 200) {
    assert(status >= 400 && status < 500 && Object.hasOwn(PROBLEMS, body.code), `${status}`);
    return body.code;
  }
  assertEquals([operationId, body.counted], ["sendEvents", 0]);
  const codes = new Set(
    body.results.map((result: { problem: { code: string } }) => result.problem.code),
  );
  assertEquals(codes.size, 1);
  return String([...codes][0]);
}

const METERED = OPERATIONS.filter(({ demand }) => demand !== undefined);

/** Values that no member of a metered request takes. */
const VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  2 ** 53,
  1e300,
  "x".repeat(100_000),
  [],
  [[]],
  [null],
  {},
  { toString: 1 },
];

for (const { id } of METERED) {
  api(
    `every member of ${id} with a value of another kind is refused, unbilled, in place`,
    async () => {
      const call = CALLS[id];
      assert(call !== undefined);
      const good: Record<string, unknown> = JSON.parse(call.body);
      await assertNothingWritten(async () => {
        for (const name of [...Object.keys(good), "colour", "constructor"]) {
          for (const value of VALUES) {
            const body = JSON.stringify({ ...good, [name]: value });
            const reply = await post(call.path, body, call.type);
            if (reply.status === 200) {
              // A batch says of each item what is wrong with it.
              assertEquals(reply.headers.get("clawmeter-units"), "0", reply.text);
              const items: { problem: { code: string } }[] = reply.body.items;
              assert(
                items.every(({ problem }) => Object.hasOwn(PROBLEMS, problem.code)),
                reply.text,
              );
              continue;
            }
            assert(reply.status >= 400 && reply.status < 500, `${name}: ${reply.text}`);
            assert(Object.hasOwn(PROBLEMS, reply.body.code), reply.text);
            assertEquals(reply.headers.get("content-type"), "application/problem+json");
          }
        }
      });
    },
  );
}

const nowMs = services.clock.nowMs();
const data = (units: unknown, meter: unknown = "risk_score") => ({ data: { meter, units } });

/** One event each, its code, and what the problem points at. */
const EVENTS: readonly (readonly [what: string, change: object, code: string, pointer: string])[] =
  [
    ["a meter that the plan lacks", data(1, "nothing"), "meter_not_in_plan", "/data/meter"],
    ["a meter of the prototype", data(1, "constructor"), "meter_not_in_plan", "/data/meter"],
    ["a meter that is no text", data(1, 7), "validation_failed", "/data/meter"],
    ["an empty meter", data(1, ""), "validation_failed", "/data/meter"],
    ["a meter of 65 letters", data(1, "m".repeat(65)), "validation_failed", "/data/meter"],
    ["no units", data(undefined), "validation_failed", "/data/units"],
    ["zero units", data(0), "validation_failed", "/data/units"],
    ["negative units", data(-1), "validation_failed", "/data/units"],
    ["a fraction", data(0.5), "validation_failed", "/data/units"],
    ["a fraction near one", data(1.000000001), "validation_failed", "/data/units"],
    ["units over 2^53 - 1", data(2 ** 53), "validation_failed", "/data/units"],
    [
      "units over the most of one event",
      data(1_000_000_000_001),
      "validation_failed",
      "/data/units",
    ],
    ["that as text", data("1000000000001"), "validation_failed", "/data/units"],
    ["text with an exponent", data("1e3"), "validation_failed", "/data/units"],
    ["text with a leading zero", data("01"), "validation_failed", "/data/units"],
    ["negative text", data("-3"), "validation_failed", "/data/units"],
    ["text with spaces", data(" 3"), "validation_failed", "/data/units"],
    ["other digits", data("３"), "validation_failed", "/data/units"],
    ["a truth for units", data(true), "validation_failed", "/data/units"],
    ["a list for units", data([3]), "validation_failed", "/data/units"],
    ["no data", { data: undefined }, "validation_failed", "/data"],
    ["text for data", { data: "3" }, "validation_failed", "/data"],
    [
      "more data than is known",
      { data: { meter: "risk_score", units: 1, tenant: "x" } },
      "validation_failed",
      "/data",
    ],
    ["no id", { id: undefined }, "validation_failed", "/id"],
    ["an empty id", { id: "" }, "validation_failed", "/id"],
    ["a number for an id", { id: 1 }, "validation_failed", "/id"],
    ["an id of 257 letters", { id: "x".repeat(257) }, "validation_failed", "/id"],
    ["no source", { source: undefined }, "validation_failed", "/source"],
    ["a source of 513 letters", { source: "x".repeat(513) }, "validation_failed", "/source"],
    ["another version", { specversion: "0.3" }, "validation_failed", "/specversion"],
    ["no type", { type: undefined }, "validation_failed", "/type"],
    ["a time that is none", { time: "yesterday" }, "validation_failed", "/time"],
    ["a time without zone", { time: "2026-11-01T00:00:00" }, "validation_failed", "/time"],
    ["a day that is none", { time: "2026-02-30T00:00:00Z" }, "validation_failed", "/time"],
    ["a time in seconds", { time: 1_700_000_000 }, "validation_failed", "/time"],
    [
      "35 days and a minute ago",
      { time: iso(nowMs - 35 * DAY_MS - 60_000) },
      "event_too_old",
      "/time",
    ],
    ["six minutes ahead", { time: iso(nowMs + 360_000) }, "event_in_future", "/time"],
    ["the far future", { time: "9999-12-31T23:59:59Z" }, "event_in_future", "/time"],
    [
      "data that is XML",
      { datacontenttype: "application/xml" },
      "validation_failed",
      "/datacontenttype",
    ],
  ];

api(
  "a bad usage event is refused with a code and a place, alone and in a batch, and writes nothing",
  async () => {
    await assertNothingWritten(async () => {
      for (const [what, change, code, pointer] of EVENTS) {
        const event = usageEvent(`bad ${what}`, { ...change });
        const alone = await post("/v1/events", JSON.stringify(event), SINGLE);
        assertEquals([alone.status, alone.body.counted], [200, 0], what);
        const [result] = alone.body.results;
        assertEquals([result.status, result.problem.code], ["refused", code], what);
        const { problem } = result;
        assertEquals(problem.pointer ?? problem.errors?.[0]?.pointer, pointer, what);
      }
      const batch = EVENTS.map(([what, change]) => usageEvent(what, { ...change }));
      const reply = await post("/v1/events", JSON.stringify([...batch, 1, null, [], "x"]), BATCH);
      assertEquals(reply.body.counted, 0);
      assertEquals(
        reply.body.results.map((result: { index: number; status: string }) => [
          result.index,
          result.status,
        ]),
        [...batch, 1, null, [], "x"].map((_, index) => [index, "refused"]),
      );
      const many = JSON.stringify(
        Array.from({ length: EVENTS_MAX + 1 }, (_, at) => usageEvent(`${at}`)),
      );
      const refused = await post("/v1/events", many, BATCH);
      assertEquals([refused.status, refused.body.code], [413, "batch_too_large"]);
      const list = await post("/v1/events", JSON.stringify([usageEvent("x")]), SINGLE);
      assertEquals([list.status, list.body.code], [415, "unsupported_media_type"]);
    });
  },
);

api(
  "good events among bad ones are counted, each once, in both content types and by id and source",
  async () => {
    const bad = EVENTS.map(([what, change]) => usageEvent(what, { ...change }));
    const good = ["g1", "g2", "g1"].map((id) => usageEvent(id));
    const mixed = [bad[0], good[0], ...bad.slice(1, 20), good[1], good[2], ...bad.slice(20)];
    const reply = await post("/v1/events", JSON.stringify(mixed), BATCH);
    const statuses = reply.body.results.map(({ status }: { status: string }) => status);
    assertEquals(statuses.filter((status: string) => status !== "refused"), [
      "counted",
      "counted",
      "duplicate",
    ]);
    const again = async (event: object, type: string) => {
      const { body } = await post("/v1/events", JSON.stringify(event), type);
      return body.results[0].status;
    };
    assertEquals(await again(usageEvent("g1"), SINGLE), "duplicate");
    assertEquals(await again([usageEvent("g2")], BATCH), "duplicate");
    assertEquals(await again(usageEvent("g1"), "application/json"), "duplicate");
    assertEquals(await again(usageEvent("g1", { source: "/others" }), SINGLE), "counted");
    await services.engine.folder.foldOwn();
    const lines = await services.usage.books({ tenantId: tenant.tenantId });
    // The first one of this file, g1, g2, and g1 of another source: three units each.
    assertEquals(lines.reduce((sum, { acknowledged }) => sum + acknowledged, 0n), 12n);
    assertEquals(lines.filter(({ difference }) => difference !== 0n), []);
  },
);
