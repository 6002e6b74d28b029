import { assert, assertEquals } from "@std/assert";
import {
  HITS_MAX,
  type ListEntry,
  type ListKind,
  screen,
  screeningIndex,
} from "@/lib/domain/rating/screening.ts";
import { screeningPart } from "@/lib/domain/rating/screening_part.ts";

const HOUR_MS = 3_600_000;

function entry(id: string, more: Partial<ListEntry> = {}): ListEntry {
  return { id, name: null, aliases: [], isin: null, lei: null, country: null, ...more };
}

function index(entries: readonly ListEntry[], kind: ListKind = "sanctions", loadedAtMs = 0) {
  return screeningIndex(
    { listId: "list", kind, version: "1", asOf: "2026-11-22", loadedAtMs },
    entries,
  );
}

function subject(more: Partial<Parameters<typeof screen>[0]>) {
  return { names: [], isins: [], leis: [], countries: [], ...more };
}

Deno.test("identifiers match exactly, names by likeness, countries on country lists only", () => {
  const entries = [
    entry("1", { name: "Rosneft Oil Company", lei: "253400JT3MQWNDKMJE44" }),
    entry("2", { isin: "RU000A0J2Q06" }),
    entry("3", { aliases: ["Islamic Bank of Somewhere"], country: "US" }),
  ];
  const lists = [index(entries)];
  const hits = (more: Partial<Parameters<typeof screen>[0]>) =>
    screen(subject(more), lists).hits.map(({ entryId, matchedOn }) => [entryId, matchedOn]);
  assertEquals(hits({ leis: ["253400JT3MQWNDKMJE44"] }), [["1", "lei"]]);
  assertEquals(hits({ isins: ["RU000A0J2Q06"] }), [["2", "isin"]]);
  assertEquals(hits({ names: ["ROSNEFT OIL CO"] }), [["1", "name"]]);
  assertEquals(hits({ names: ["Islamic Bank of Somewhere PLC"] }), [["3", "name"]]);
  assertEquals(hits({ countries: ["US"] }), []);
  assertEquals(hits({ names: ["Apple"] }), []);
  const embargo = [index([entry("cu", { country: "CU" })], "embargoed_countries")];
  assertEquals(screen(subject({ countries: ["CU"] }), embargo).hits[0]?.matchedOn, "country");
});

Deno.test("each entry hits once, with its best score, and hits are capped", () => {
  const many = Array.from({ length: 200 }, (_, i) => entry(`e${i}`, { name: "Acme Holdings" }));
  const outcome = screen(subject({ names: ["Acme Holdings", "Acme Holding"] }), [index(many)]);
  assertEquals(outcome.hits.length, HITS_MAX);
  assertEquals(new Set(outcome.hits.map((hit) => hit.entryId)).size, HITS_MAX);
  assert(outcome.hits.every((hit) => hit.score === 1));
});

Deno.test("screening passes only when a current sanctions list was searched", () => {
  const options = { asOfMs: 80 * HOUR_MS, nameBlockScore: .95 };
  const clean = (lists: ReturnType<typeof index>[]) =>
    screeningPart(screen(subject({ names: ["Apple"] }), lists), options);
  assertEquals(clean([]).status, "not_evaluated");
  assertEquals(clean([index([], "restricted", 80 * HOUR_MS)]).status, "not_evaluated");
  assertEquals(clean([index([], "sanctions", 0)]).status, "not_evaluated");
  const fresh = clean([index([], "sanctions", 79 * HOUR_MS)]);
  assert(fresh.status === "ok" && fresh.decision === "pass");
});

Deno.test("a likely name asks for review, a certain one blocks", () => {
  const lists = [index([entry("1", { name: "Dunningham" })])];
  const decision = (name: string) => {
    const outcome = screen(subject({ names: [name] }), lists);
    const part = screeningPart(outcome, { asOfMs: 0, nameBlockScore: .95 });
    return part.status === "ok" ? part.decision : part.status;
  };
  assertEquals(decision("DUNNINGHAM"), "block");
  assertEquals(decision("DUNNIGHAM"), "block");
  assertEquals(decision("DUNNINGTON"), "review");
  assertEquals(decision("SMITH"), "pass");
});
