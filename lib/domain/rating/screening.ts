import { nameScore, type NormalName, normalName, soundex } from "./name_match.ts";

export type ListKind =
  | "sanctions"
  | "restricted"
  | "watch"
  | "embargoed_countries"
  | "high_risk_countries";

export const LIST_KINDS = [
  "sanctions",
  "restricted",
  "watch",
  "embargoed_countries",
  "high_risk_countries",
] as const satisfies readonly ListKind[];

export interface ListEntry {
  readonly id: string;
  readonly name: string | null;
  /** Transliterations belong here: names in other scripts do not match by sound. */
  readonly aliases: readonly string[];
  readonly isin: string | null;
  readonly lei: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null;
}

/** Which state of a list an answer rests on. */
export interface ListVersion {
  readonly listId: string;
  readonly kind: ListKind;
  readonly version: string;
  /** The date that the list's publisher gave it. */
  readonly asOf: string;
  readonly loadedAtMs: number;
}

export interface ScreeningSubject {
  readonly names: readonly string[];
  readonly isins: readonly string[];
  readonly leis: readonly string[];
  readonly countries: readonly string[];
}

export interface ScreeningHit {
  readonly listId: string;
  readonly kind: ListKind;
  readonly entryId: string;
  readonly matchedOn: "isin" | "lei" | "country" | "name";
  /** 1 for identifiers and countries. */
  readonly score: number;
}

/** What screening found, and against which list versions. */
export interface ScreeningOutcome {
  readonly lists: readonly ListVersion[];
  readonly hits: readonly ScreeningHit[];
}

/** A list prepared for lookups; made once per list version. */
export interface ScreeningIndex {
  readonly list: ListVersion;
  readonly byIsin: ReadonlyMap<string, string>;
  readonly byLei: ReadonlyMap<string, string>;
  readonly byCountry: ReadonlyMap<string, string>;
  readonly names: readonly IndexedName[];
  /** Blocking keys (token, first three letters, Soundex) to positions in `names`. */
  readonly blocks: ReadonlyMap<string, readonly number[]>;
}

export interface IndexedName {
  readonly entryId: string;
  readonly name: NormalName;
}

/** Names that score below this are not hits. */
const NAME_SCORE_MIN = 0.85;

/** Hits kept per list: a subject with more is on the list beyond doubt. */
export const HITS_MAX = 50;

/** Hits kept over all lists, so that an outcome fits one stored value; the gravest stay. */
export const HITS_TOTAL_MAX = 150;

/** Lists of one scope. More are refused when they are put, for none may be left out silently. */
export const LISTS_MAX = 50;

export function screeningIndex(list: ListVersion, entries: readonly ListEntry[]): ScreeningIndex {
  const names: IndexedName[] = [];
  const blocks = new Map<string, number[]>();
  const isCountryList = list.kind === "embargoed_countries" || list.kind === "high_risk_countries";
  for (const entry of entries) {
    for (const text of namesOf(entry)) {
      const name = normalName(text);
      for (const key of blockingKeys(name)) addTo(blocks, key, names.length);
      names.push({ entryId: entry.id, name });
    }
  }
  return {
    list,
    byIsin: identifierMap(entries, (entry) => entry.isin),
    byLei: identifierMap(entries, (entry) => entry.lei),
    // On lists of persons and firms a country describes the entry; only country lists match by it.
    byCountry: identifierMap(isCountryList ? entries : [], (entry) => entry.country),
    names,
    blocks,
  };
}

/** Looks a subject up in every list. Names are compared only where a blocking key is shared. */
export function screen(
  subject: ScreeningSubject,
  indexes: readonly ScreeningIndex[],
): ScreeningOutcome {
  const hits = indexes.flatMap((index) => hitsIn(index, subject));
  return {
    lists: indexes.map((index) => index.list),
    hits: hits.length <= HITS_TOTAL_MAX ? hits : hits.sort(byGravity).slice(0, HITS_TOTAL_MAX),
  };
}

/** Tokens, their first three letters and their Soundex, each marked with its sort. */
function blockingKeys(name: NormalName): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const token of name.tokens) {
    keys.add(`t${token}`).add(`p${token.slice(0, 3)}`);
    const sound = soundex(token);
    if (sound !== "") keys.add(`s${sound}`);
  }
  return keys;
}

function hitsIn(index: ScreeningIndex, subject: ScreeningSubject): ScreeningHit[] {
  const best = new Map<string, ScreeningHit>();
  const note = (entryId: string, matchedOn: ScreeningHit["matchedOn"], score: number) => {
    if (score <= (best.get(entryId)?.score ?? 0)) return;
    const { listId, kind } = index.list;
    best.set(entryId, { listId, kind, entryId, matchedOn, score });
  };
  const exact = (
    values: readonly string[],
    map: ReadonlyMap<string, string>,
    matchedOn: "isin" | "lei" | "country",
  ) => {
    for (const value of values) {
      const entryId = map.get(value);
      if (entryId !== undefined) note(entryId, matchedOn, 1);
    }
  };
  exact(subject.isins, index.byIsin, "isin");
  exact(subject.leis, index.byLei, "lei");
  exact(subject.countries, index.byCountry, "country");
  for (const name of subject.names) {
    for (const { entryId, score } of nameHits(index, normalName(name))) {
      note(entryId, "name", score);
    }
  }
  return [...best.values()].sort(byScore).slice(0, HITS_MAX);
}

function* nameHits(
  index: ScreeningIndex,
  query: NormalName,
): Generator<{ entryId: string; score: number }> {
  const seen = new Set<number>();
  for (const key of blockingKeys(query)) {
    for (const position of index.blocks.get(key) ?? []) {
      if (seen.has(position)) continue;
      seen.add(position);
      const candidate = index.names[position];
      if (candidate === undefined) continue;
      const score = nameScore(query, candidate.name);
      if (score >= NAME_SCORE_MIN) yield { entryId: candidate.entryId, score };
    }
  }
}

function byScore(a: ScreeningHit, b: ScreeningHit): number {
  return b.score - a.score || (a.entryId < b.entryId ? -1 : 1);
}

function byGravity(a: ScreeningHit, b: ScreeningHit): number {
  return GRAVITY.indexOf(a.kind) - GRAVITY.indexOf(b.kind) || byScore(a, b);
}

const GRAVITY: readonly ListKind[] = [
  "sanctions",
  "embargoed_countries",
  "restricted",
  "watch",
  "high_risk_countries",
];

function namesOf(entry: ListEntry): readonly string[] {
  return entry.name === null ? entry.aliases : [entry.name, ...entry.aliases];
}

function identifierMap(
  entries: readonly ListEntry[],
  read: (entry: ListEntry) => string | null,
): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const entry of entries) {
    const value = read(entry);
    if (value !== null) map.set(value, entry.id);
  }
  return map;
}

function addTo(blocks: Map<string, number[]>, key: string, position: number): void {
  const block = blocks.get(key);
  if (block === undefined) blocks.set(key, [position]);
  else block.push(position);
}
