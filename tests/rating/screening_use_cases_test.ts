import { assert, assertEquals } from "@std/assert";
import { HITS_TOTAL_MAX, LISTS_MAX } from "@/lib/domain/rating/screening.ts";
import { createKvRatingStores } from "@/lib/kv/rating_stores.ts";
import { getInstrument } from "@/lib/rating/instruments.ts";
import { getMethod, listMethods } from "@/lib/rating/list_methods.ts";
import { putList, rescreen } from "@/lib/rating/lists.ts";
import { screenSubjects } from "@/lib/rating/screen_subjects.ts";
import { validateIdentifiers } from "@/lib/rating/validate_identifiers.ts";
import { APPLE, APPLE_TERMS, RatingWorld } from "@/tests/support/rating_world.ts";

const OPERATOR = { kind: "operator" } as const;
const TENANT = { kind: "tenant", tenantId: "t1" } as const;
const HOUR_MS = 3_600_000;

const SANCTIONS = {
  kind: "sanctions",
  as_of: "2026-11-22",
  entries: [{ id: "sdn-1", name: "Dunningham Trading", lei: "213800KUD8LAJWSQ9D15" }],
};

async function complianceOf(world: RatingWorld, instrument: unknown = APPLE) {
  const { body } = await world.rated({ instrument, include: ["compliance", "screening"] });
  assert(body.compliance?.status === "ok");
  return { compliance: body.compliance, screening: body.screening };
}

Deno.test("without a sanctions list nothing passes screening", async () => {
  const world = await new RatingWorld().withApple();
  const { compliance, screening } = await complianceOf(world);
  assertEquals(screening?.status, "not_evaluated");
  assertEquals(compliance.not_evaluated_reasons["SANCTIONS.LIST_HIT"], "no_list");
});

Deno.test("an instrument is screened when it is put, and the rating only looks it up", async () => {
  const world = new RatingWorld();
  await putList({ scope: OPERATOR, listId: "ofac", body: SANCTIONS }, world.listDeps());
  await world.instrument(APPLE, { ...APPLE_TERMS, issuer: { name: "DUNNINGHAM TRADING LTD" } });
  const stored = await world.stores.instruments.screening("t1", APPLE);
  assertEquals(stored?.outcome.hits.map((hit) => hit.entryId), ["sdn-1"]);
  const { compliance, screening } = await complianceOf(world);
  assertEquals(compliance.decision, "block");
  assertEquals(compliance.list_versions, { ofac: "2026-11-22" });
  assert(screening?.status === "ok");
  assertEquals(screening.decision, "block");
});

Deno.test("a new list reaches instruments that were put before it", async () => {
  const world = await new RatingWorld().withApple();
  await putList({ scope: OPERATOR, listId: "ofac", body: SANCTIONS }, world.listDeps());
  assertEquals((await complianceOf(world)).screening?.status, "ok");
  const restricted = {
    kind: "restricted",
    as_of: "2026-11-22",
    entries: [{ id: "r1", isin: APPLE }],
  };
  const put = await putList({ scope: TENANT, listId: "own", body: restricted }, world.listDeps());
  assert(put.ok);
  assertEquals([put.value.count, put.value.screened], [1, 1]);
  const { compliance } = await complianceOf(world);
  assert(compliance.flags.some((flag) => flag.code === "RESTRICTED.LIST_HIT"));
  await putList(
    { scope: TENANT, listId: "own", body: { ...restricted, entries: [] } },
    world.listDeps(),
  );
  assertEquals((await complianceOf(world)).compliance.decision, "review");
});

Deno.test("a stored outcome of older lists is never used", async () => {
  const shared = await new RatingWorld().withApple();
  const world = new RatingWorld(shared.stores);
  await putList({ scope: OPERATOR, listId: "ofac", body: SANCTIONS }, shared.listDeps());
  await complianceOf(world);
  const hit = { ...SANCTIONS, entries: [{ id: "sdn-2", isin: APPLE }] };
  await putList({ scope: OPERATOR, listId: "ofac", body: hit }, shared.listDeps());
  world.clock.advance(2_001);
  assertEquals((await complianceOf(world)).compliance.decision, "block");
});

Deno.test("the operator's list is screened over a tenant's instruments on request", async () => {
  const world = await new RatingWorld().withApple();
  for (let i = 0; i < 120; i += 1) await world.instrument(`I${i}`, APPLE_TERMS);
  const put = await putList({ scope: OPERATOR, listId: "ofac", body: SANCTIONS }, world.listDeps());
  assert(put.ok);
  assertEquals(put.value.screened, null);
  assertEquals(await rescreen("t1", world.listDeps()), 121);
});

Deno.test("a list beyond the fiftieth is refused, not left out of screening", async () => {
  const world = new RatingWorld();
  const put = async (listId: string) => {
    const result = await putList({ scope: TENANT, listId, body: SANCTIONS }, world.listDeps());
    return result.ok ? "ok" : result.error.code;
  };
  for (let i = 0; i < LISTS_MAX; i += 1) assertEquals(await put(`l${i}`), "ok");
  assertEquals(await put("one-more"), "too_many_lists");
  assertEquals(await put("l7"), "ok");
});

Deno.test("the largest outcome and the largest entry fit Deno KV's values", async () => {
  const kv = await Deno.openKv(":memory:");
  const world = new RatingWorld(createKvRatingStores(kv));
  const entries = Array.from({ length: 60 }, (_, i) => ({
    id: `${"x".repeat(97)}${String(i).padStart(3, "0")}`,
    name: "字".repeat(200),
    aliases: Array(50).fill("字".repeat(200)),
    isin: APPLE,
  }));
  for (let i = 0; i < LISTS_MAX; i += 1) {
    const listId = `${"l".repeat(29)}${String(i).padStart(3, "0")}`;
    const body = { kind: "watch", as_of: "2026-11-22", entries: i < 4 ? entries : [] };
    const put = await putList({ scope: TENANT, listId, body }, world.listDeps());
    assert(put.ok, JSON.stringify(put));
  }
  const terms = { ...APPLE_TERMS, issuer: { name: "字".repeat(200) } };
  assert((await world.instrument(APPLE, terms)).ok);
  const stored = await world.stores.instruments.screening("t1", APPLE);
  assertEquals(stored?.outcome.hits.length, HITS_TOTAL_MAX);
  kv.close();
});

Deno.test("one tenant's list does not touch another tenant", async () => {
  const world = await new RatingWorld().withApple();
  const body = { kind: "restricted", as_of: "2026-11-22", entries: [{ id: "r", isin: APPLE }] };
  const scope = { kind: "tenant", tenantId: "t2" } as const;
  await putList({ scope, listId: "own", body }, world.listDeps());
  const { compliance } = await complianceOf(world);
  assertEquals(compliance.not_evaluated_reasons["RESTRICTED.LIST_HIT"], "no_list");
});

Deno.test("subjects are screened for one unit each, against current lists only", async () => {
  const world = new RatingWorld();
  const ask = (names: string[]) =>
    screenSubjects({
      tenantId: "t1",
      body: { subjects: names.map((name) => ({ names: [name] })) },
      entitledParts: new Set(["screening"]),
    }, world.deps);
  const without = await ask(["Apple"]);
  assertEquals(without.ok ? "ok" : without.error.code, "list_unavailable");
  await putList({ scope: OPERATOR, listId: "ofac", body: SANCTIONS }, world.listDeps());
  const answer = await ask(["Dunningham Trading", "Apple"]);
  assert(answer.ok);
  assertEquals(answer.value.body.results.map((result) => result.decision), ["block", "pass"]);
  assertEquals([...answer.value.units], [["screening", 2n]]);
  world.clock.advance(73 * HOUR_MS);
  const old = await ask(["Apple"]);
  assertEquals(old.ok ? "ok" : old.error.code, "list_unavailable");
  const denied = await screenSubjects(
    { tenantId: "t1", body: {}, entitledParts: new Set() },
    world.deps,
  );
  assertEquals(denied.ok ? "ok" : denied.error.code, "not_entitled");
});

Deno.test("instruments come back as they were put, and a wrong ISIN is refused", async () => {
  const world = await new RatingWorld().withApple();
  const found = await getInstrument({ tenantId: "t1", instrumentId: APPLE }, world.stores);
  assert(found.ok);
  assertEquals(found.value.value.terms, APPLE_TERMS);
  const code = async (id: string, body: unknown) => {
    const result = await world.instrument(id, body);
    return result.ok ? "ok" : result.error.code;
  };
  assertEquals(await code("US0378331003", {}), "validation_failed");
  assertEquals(await code("FR0000988040", APPLE_TERMS), "validation_failed");
  assertEquals(await code(APPLE, { currency: "usd" }), "validation_failed");
  assertEquals(await code("BBG000B9XRY4", { figi: "BBG000B9XRY4" }), "ok");
  assertEquals(await code("BOND-17", {}), "ok");
});

Deno.test("identifiers are judged by type, or by the type their form shows", () => {
  const result = validateIdentifiers({
    identifiers: [
      { value: APPLE },
      { type: "isin", value: "US0378331003" },
      { type: "mic", value: "XNCM" },
      { type: "mic", value: "ZZZZ" },
      { type: "currency", value: "HRK" },
      { type: "currency", value: "CLF" },
      { value: "hello" },
    ],
  });
  assert(result.ok);
  assertEquals(result.value.results.map(({ type, code }) => [type, code]), [
    ["isin", null],
    ["isin", "checksum_invalid"],
    ["mic", null],
    ["mic", "unregistered"],
    ["currency", "withdrawn"],
    ["currency", null],
    [null, "unknown_type"],
  ]);
  assertEquals(result.value.results[2]?.registry?.operating_mic, "XNAS");
  assertEquals(result.value.results[5]?.registry?.minor_units, 4);
});

Deno.test("every method that a rating names is explained, with formula and source", async () => {
  const world = await new RatingWorld().withApple();
  const { methods } = listMethods();
  for (const { id, formula, source, version } of methods) {
    assert(formula.length > 5 && source.length > 5 && version !== "", id);
    assert(getMethod(id).ok);
  }
  assertEquals(new Set(methods.map(({ id }) => id)).size, methods.length);
  const { body } = await world.rated({ instrument: APPLE });
  assert(body.risk_score?.status === "ok");
  for (const id of body.risk_score.methods) assert(getMethod(id).ok, id);
  for (const id of ["bond.street", "bond.icma", "bond.ust_31cfr356", "bond.bill_31cfr356"]) {
    assert(getMethod(id).ok, id);
  }
  assertEquals(getMethod("luck").ok, false);
});
