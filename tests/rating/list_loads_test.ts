/** Loading operator lists from files, over real KV. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { createKvAuditLog } from "@/lib/kv/audit_store.ts";
import { createKvListLoadStore } from "@/lib/kv/list_load_store.ts";
import { createKvRatingStores } from "@/lib/kv/rating_stores.ts";
import { createKvTenantStore } from "@/lib/kv/tenant_store.ts";
import { OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import type { ListLoadRequest } from "@/lib/rating/check_list_form.ts";
import { isStalled, type ListLoadDeps, ListLoads } from "@/lib/rating/list_loads.ts";
import { readListText } from "@/lib/rating/list_text.ts";
import { MemoryLogger } from "@/tests/support/fixed_effects.ts";
import { APPLE, APPLE_TERMS, RatingWorld } from "@/tests/support/rating_world.ts";
import { sampleTenant } from "@/tests/support/samples.ts";

const OPERATOR = { kind: "operator" } as const;
const CSV =
  "id,name,aliases,country\nsdn-1,Dunningham Trading,Dunningham|DT Ltd,CU\nsdn-2,Other,,\n";
const REQUEST: Omit<ListLoadRequest, "loadId"> = {
  listId: "ofac",
  kind: "sanctions",
  asOf: "2026-11-22",
  text: CSV,
  ifVersion: null,
  mayShrink: false,
  act: { actor: { kind: "operator", id: "ada" }, ip: null, requestId: "req_1" },
};

async function open(tenantIds: readonly string[] = ["t1"]) {
  const kv = await Deno.openKv(":memory:");
  const world = new RatingWorld(createKvRatingStores(kv));
  const tenants = createKvTenantStore(kv);
  for (const tenantId of tenantIds) await tenants.putTenant(sampleTenant({ tenantId }), null);
  const audit = createKvAuditLog(kv);
  const loads = createKvListLoadStore(kv);
  const deps = { ...world.listDeps(), loads, tenants, audit, logger: new MemoryLogger() };
  const make = (change: Partial<ListLoadDeps> = {}) => new ListLoads({ ...deps, ...change });
  const listLoads = make();
  let number = 0;
  return {
    world,
    audit,
    tenants,
    listLoads,
    make,
    begin: (change: Partial<ListLoadRequest> = {}) =>
      listLoads.begin({
        ...REQUEST,
        loadId: `lld_test${String(++number).padStart(8, "0")}`,
        ...change,
      }),
    heads: () => world.stores.lists.lists(OPERATOR),
    [Symbol.dispose]: () => kv.close(),
  };
}

/** The complaints, one a line. */
async function complaints(begun: ReturnType<Awaited<ReturnType<typeof open>>["begin"]>) {
  const result = await begun;
  if (result.ok) throw new Error("It was taken");
  return (result.error.errors ?? []).map(({ detail }) => detail).join("\n") || result.error.detail;
}

Deno.test("a CSV list is in force at once, on record, and stored instruments are screened", async () => {
  using world = await open();
  await world.world.instrument(APPLE, { ...APPLE_TERMS, issuer: { name: "DT LTD" } });
  const begun = await world.begin();
  assert(begun.ok);
  const { loadId } = begun.value;
  assertEquals([begun.value.state, begun.value.count], ["screening", 2]);
  const [head] = await world.heads();
  assertEquals([head?.value.listId, head?.value.count], ["ofac", 2]);
  await world.listLoads.screenNow(loadId);
  const load = await world.listLoads.load(loadId);
  assertEquals(
    [load?.state, load?.tenantsDone, load?.tenantsTotal, load?.instruments, load?.startedBy],
    ["done", 1, 1, 1, "ada"],
  );
  const screened = await world.world.stores.instruments.screening("t1", APPLE);
  assertEquals(screened?.outcome.hits.map(({ entryId }) => entryId), ["sdn-1"]);
  const { items } = await world.audit.entries({ chain: OPERATOR_CHAIN, limit: 5 });
  assertEquals(items.map(({ action, subject }) => [action, subject]), [["list.replaced", "ofac"]]);
  assertEquals((await world.listLoads.recent(5)).map((one) => one.loadId), [loadId]);
});

Deno.test("a form that is sent twice, also at the same time, loads once", async () => {
  using world = await open();
  const loadId = "lld_twice00000000";
  const both = await Promise.all([world.begin({ loadId }), world.begin({ loadId })]);
  assert(both.every(({ ok }) => ok));
  assert((await world.begin({ loadId })).ok);
  const { items } = await world.audit.entries({ chain: OPERATOR_CHAIN, limit: 5 });
  assertEquals(items.length, 1);
});

Deno.test("a form whose other copy was stored while it was checked loads once", async () => {
  using world = await open();
  const loadId = "lld_twice00000000";
  const { lists } = world.world.stores;
  const slow = world.make({
    lists: {
      ...lists,
      async lists(scope) {
        assert((await world.begin({ loadId })).ok);
        return await lists.lists(scope);
      },
    },
  });
  const begun = await slow.begin({ ...REQUEST, loadId });
  assert(begun.ok);
  const { items } = await world.audit.entries({ chain: OPERATOR_CHAIN, limit: 5 });
  assertEquals(items.length, 1);
});

Deno.test("complaints name the row, and nothing is stored or begun", async () => {
  using world = await open();
  const text = "id,name,country\nok-1,Fine,DE\n\nbad id,Somebody,Germany\n,No id,\n";
  assertEquals(
    await complaints(world.begin({ text })),
    [
      "row 4, id: must be 1 to 100 visible ASCII characters",
      "row 4, country: Invalid string: must match pattern /^[A-Z]{2}$/",
      "row 5, id: must be 1 to 100 visible ASCII characters",
    ].join("\n"),
  );
  const cases: [Partial<ListLoadRequest>, string][] = [
    [{ text: "  " }, "Choose a file, or paste the list"],
    [{ text: "name\nSomebody" }, "row 1: the column id is missing"],
    [{ text: "id,nom\n1,x" }, "row 1: no column is called “nom”"],
    [{ text: "id,id\n1,2" }, "row 1: the column id is there twice"],
    [{ text: "id\n1,2" }, "row 2: has 2 cells, the heading 1"],
    [{ text: 'id,name\n1,"open' }, "row 2: Quoted field unterminated"],
    [{ asOf: "" }, "choose both in the form"],
    [{ text: "{oops" }, "This is not JSON"],
    [{ text: '[{"id": "a"}, {"id": 1}]' }, "entry 2, id:"],
    [{ text: '{"kind": "watch", "entries": []}' }, "The file says that its kind is watch"],
    [{ text: '{"entries": [], "color": "red"}' }, "color: "],
    [{ listId: "no spaces" }, ""],
    [{ loadId: "else" }, "The form is not ours"],
  ];
  for (const [change, complaint] of cases) {
    assertStringIncludes(await complaints(world.begin(change)), complaint);
  }
  assertEquals([await world.heads(), await world.listLoads.recent(5)], [[], []]);
});

Deno.test("JSON may say kind and date itself, and the form must not contradict it", async () => {
  using world = await open();
  const text = JSON.stringify({ kind: "watch", as_of: "2026-11-01", entries: [{ id: "w1" }] });
  assert((await world.begin({ text, kind: "", asOf: "" })).ok);
  const [head] = await world.heads();
  assertEquals([head?.value.kind, head?.value.asOf], ["watch", "2026-11-01"]);
});

Deno.test("a list is replaced only as it was seen, and shrinks only when that is said", async () => {
  using world = await open();
  assert((await world.begin()).ok);
  const version = (await world.heads())[0]?.version ?? "";
  const code = async (change: Partial<ListLoadRequest>) => {
    const result = await world.begin(change);
    return result.ok ? "ok" : result.error.code;
  };
  assertEquals(await code({}), "version_mismatch", "a new list over one that exists");
  assertEquals(await code({ ifVersion: "00000000000000000001" }), "version_mismatch");
  assertEquals((await world.listLoads.recent(1))[0]?.state, "failed", "on record, with its reason");
  assertEquals(await code({ ifVersion: version, text: "id\n" }), "list_shrinks");
  assertEquals((await world.heads())[0]?.value.count, 2);
  assertEquals(await code({ ifVersion: version, text: "id\n", mayShrink: true }), "ok");
  assertEquals((await world.heads())[0]?.value.count, 0);
});

Deno.test("screening that lost its process goes on where it was, on any instance", async () => {
  const ids = Array.from({ length: 25 }, (_, at) => `t${String(at).padStart(2, "0")}`);
  using world = await open(ids);
  const begun = await world.begin();
  assert(begun.ok);
  const { loadId } = begun.value;
  let pages = 0;
  const dying = world.make({
    tenants: {
      tenants: (query) => {
        pages += 1;
        if (pages > 1) throw new Error("The process died");
        return world.tenants.tenants(query);
      },
    },
  });
  await assertRejects(() => dying.screenNow(loadId), Error, "died");
  const half = await world.listLoads.load(loadId);
  assertEquals([half?.state, half?.tenantsDone, half?.tenantsTotal], ["screening", 10, 25]);
  // Two at once: whoever comes second to a step leaves it to the other, and nothing counts twice.
  await Promise.all([world.make().screenNow(loadId), world.listLoads.screenNow(loadId)]);
  const whole = await world.listLoads.load(loadId);
  assertEquals([whole?.state, whole?.tenantsDone], ["done", 25]);
  await world.listLoads.screenNow(loadId);
  assertEquals(await world.listLoads.load(loadId), whole, "once done it stays done");
});

Deno.test("a byte order mark and Windows line ends change nothing", () => {
  const read = readListText({
    text: "\uFEFFID,Name\r\na-1,Ägypten\r\n",
    kind: "watch",
    asOf: "2026-01-01",
  });
  assert(read.ok);
  assertEquals(read.value.body, {
    kind: "watch",
    as_of: "2026-01-01",
    entries: [{ id: "a-1", name: "Ägypten" }],
  });
});

Deno.test("a list of the API is in force and on record with its load; a stale condition changes nothing", async () => {
  using world = await open();
  const body = {
    kind: "sanctions" as const,
    as_of: "2026-11-22",
    entries: [{ id: "a", name: "A" }],
  };
  const put = (loadId: string, ifVersion?: string | null) =>
    world.listLoads.replace({
      loadId,
      listId: "ofac",
      body,
      act: REQUEST.act,
      ...ifVersion === undefined ? {} : { ifVersion },
    });
  const first = await put("lld_api0000000001");
  assert(first.ok);
  const [head] = await world.heads();
  assertEquals([head?.version, head?.value.loadId], [first.value.version, "lld_api0000000001"]);
  assertEquals(await put("lld_api0000000001"), first, "sent again it is the same load");
  for (const stale of [null, "00000000000000000001"]) {
    const refused = await put("lld_api0000000002", stale);
    assertEquals(refused.ok ? "" : refused.error.code, "version_mismatch");
  }
  assertEquals((await world.heads())[0]?.version, head?.version);
  assert(
    (await put("lld_api0000000003", head?.version ?? null)).ok,
    "the same list, as it was seen",
  );
  assert((await put("lld_api0000000004")).ok, "and unconditionally");
  const { items } = await world.audit.entries({ chain: OPERATOR_CHAIN, limit: 9 });
  assertEquals(items.length, 3);
});

Deno.test("a load whose process died is gone on with by any instance: in force with one row, or not at all", async () => {
  // The process dies at each write of its load, before and after the list is in force.
  for (const dyingAt of [1, 2, 3, 4]) {
    using world = await open(["t1", "t2"]);
    const old = await world.begin();
    assert(old.ok);
    await world.listLoads.screenNow(old.value.loadId);
    const { version: before } = (await world.heads())[0] ?? { version: null };
    const loadId = "lld_dying0000000";
    let writes = 0;
    const dies = () => {
      writes += 1;
      if (writes >= dyingAt) throw new Error("The process died");
    };
    const dying = world.make({
      lists: {
        ...world.world.stores.lists,
        putList: async (...args) => {
          dies();
          const outcome = await world.world.stores.lists.putList(...args);
          dies();
          return outcome;
        },
      },
      audit: {
        entries: (query) => world.audit.entries(query),
        append: async (draft) => {
          dies();
          const row = await world.audit.append(draft);
          dies();
          return row;
        },
      },
    });
    const body = { kind: "sanctions" as const, as_of: "2026-11-23", entries: [{ id: "new" }] };
    const request = { loadId, listId: "ofac", body, act: REQUEST.act };
    await assertRejects(() => dying.replace(request), Error, "died");
    assertEquals((await world.listLoads.load(loadId))?.state, "storing");
    assertEquals(await world.make().resume(), 0, "it may still be at it");
    world.world.clock.atMs += 60_001;
    const stalled = await world.listLoads.load(loadId);
    assert(stalled !== null && isStalled(stalled, world.world.clock.nowMs()));
    const [one, other] = [world.make(), world.make()];
    await Promise.all([one.resume(), other.resume()]);
    await Promise.all([one.settled(), other.settled()]);
    const head = (await world.heads())[0];
    const inForce = dyingAt > 1;
    assertEquals(head?.version !== before, inForce, `dying at write ${dyingAt}`);
    assertEquals((await world.listLoads.load(loadId))?.state, inForce ? "done" : "failed");
    const { items } = await world.audit.entries({ chain: OPERATOR_CHAIN, limit: 9 });
    assertEquals(items.length, inForce ? 2 : 1);
    assertEquals(await world.make().resume(), 0, "nothing is left to go on with");
    const again = await world.make().replace({ ...request, ifVersion: head?.version ?? null });
    assert(again.ok && again.value.state !== "failed", "what failed may be sent again as it was");
  }
});
