import Papa from "papaparse";
import { accept, type Refusal, refuse, type Result } from "../domain/result.ts";
import type { RatingProblem } from "./problems.ts";

/** A list as people have it: a file or what they paste. */
export interface ListText {
  /** CSV with a heading, a JSON array of entries, or the body that the API takes. */
  readonly text: string;
  /** Empty: as the JSON says. */
  readonly kind: string;
  /** The publisher's date, `yyyy-mm-dd`. Empty: as the JSON says. */
  readonly asOf: string;
}

export interface ReadList {
  /** What `ListSchema` is asked about. */
  readonly body: unknown;
  /** Where the entry at this place of `entries` stands in the text, e.g. `row 7`. */
  placeOf(index: number): string;
}

const COLUMNS = ["id", "name", "aliases", "isin", "lei", "country"] as const;
type Column = (typeof COLUMNS)[number];

const ERRORS_MAX = 20;
const BYTE_ORDER_MARK = /^\uFEFF/;

/** The package brings no types; this is the part of them that is used here. */
const parseCsv: (text: string) => {
  readonly data: readonly (readonly string[])[];
  readonly errors: readonly { readonly row?: number; readonly message: string }[];
} = Papa.parse;

/** Reads the text; whether entries are right is judged afterwards, by the API's own schema. */
export function readListText(list: ListText): Result<ReadList, RatingProblem> {
  const text = list.text.replace(BYTE_ORDER_MARK, "").trim();
  if (text === "") return refused("Choose a file, or paste the list");
  return /^[[{]/.test(text) ? readJsonList(text, list) : readCsvList(text, list);
}

/** Names rows instead of places in a body. */
export function withPlaces(problem: RatingProblem, { placeOf }: ReadList): RatingProblem {
  const told = (problem.errors ?? [problem]).map((error) => ({
    ...error,
    detail: placeWords(error, placeOf),
  }));
  return { ...problem, detail: told[0]?.detail ?? problem.detail, errors: told };
}

function placeWords({ pointer = "", detail }: Refusal, placeOf: ReadList["placeOf"]): string {
  const [, index, field] = /^\/entries\/(\d+)(?:\/(.*))?$/.exec(pointer) ?? [];
  if (index !== undefined) {
    const place = placeOf(Number(index));
    return field === undefined ? `${place}: ${detail}` : `${place}, ${field}: ${detail}`;
  }
  const name = pointer.slice(1);
  return name === "" ? detail : `${name}: ${detail}`;
}

function readJsonList(text: string, list: ListText): Result<ReadList, RatingProblem> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return refuse({ code: "invalid_json", detail: `This is not JSON: ${detail}` });
  }
  const said: Readonly<Record<string, unknown>> = Array.isArray(value)
    ? { entries: value }
    : { ...value as object };
  const conflict = contradiction(said, list);
  if (conflict !== null) return refused(conflict);
  const body = {
    ...said,
    ...list.kind === "" ? {} : { kind: list.kind },
    ...list.asOf === "" ? {} : { as_of: list.asOf },
  };
  return accept({ body, placeOf: (index) => `entry ${index + 1}` });
}

/** What the form and the file both say must agree: one of them may be of another list. */
function contradiction(
  said: Readonly<Record<string, unknown>>,
  { kind, asOf }: ListText,
): string | null {
  if (kind !== "" && said["kind"] !== undefined && said["kind"] !== kind) {
    return `The file says that its kind is ${said["kind"]}, the form says ${kind}`;
  }
  if (asOf !== "" && said["as_of"] !== undefined && said["as_of"] !== asOf) {
    return `The file says that it is of ${said["as_of"]}, the form says ${asOf}`;
  }
  return null;
}

function readCsvList(text: string, list: ListText): Result<ReadList, RatingProblem> {
  if (list.kind === "" || list.asOf === "") {
    return refused("A CSV file doesn’t say its kind and date: choose both in the form");
  }
  const { data, errors } = parseCsv(text);
  const broken = errors.filter(({ row }) => row !== undefined).slice(0, ERRORS_MAX);
  if (broken.length > 0) {
    return refusedAll(broken.map(({ row = 0, message }) => `row ${row + 1}: ${message}`));
  }
  const [heading = [], ...rows] = data;
  const columns = readHeading(heading);
  if (!columns.ok) return columns;
  const entries: Record<string, unknown>[] = [];
  const rowNumbers: number[] = [];
  const wide: string[] = [];
  for (const [at, cells] of rows.entries()) {
    if (cells.every((cell) => cell.trim() === "")) continue;
    // The heading is row 1, as spreadsheets count.
    const row = at + 2;
    if (cells.length > columns.value.length) {
      wide.push(`row ${row}: has ${cells.length} cells, the heading ${columns.value.length}`);
    }
    entries.push(entryOf(cells, columns.value));
    rowNumbers.push(row);
  }
  if (wide.length > 0) return refusedAll(wide.slice(0, ERRORS_MAX));
  return accept({
    body: { kind: list.kind, as_of: list.asOf, entries },
    placeOf: (index) => `row ${rowNumbers[index] ?? "?"}`,
  });
}

function readHeading(heading: readonly string[]): Result<readonly Column[], RatingProblem> {
  const names = heading.map((name) => name.trim().toLowerCase());
  const columns = names.flatMap((name) => COLUMNS.find((column) => column === name) ?? []);
  const unknown = names.find((name) => !COLUMNS.some((column) => column === name));
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  const known = `The first row names the columns: ${COLUMNS.join(", ")}`;
  if (unknown !== undefined) return refused(`row 1: no column is called “${unknown}”. ${known}`);
  if (twice !== undefined) return refused(`row 1: the column ${twice} is there twice`);
  if (!columns.includes("id")) return refused(`row 1: the column id is missing. ${known}`);
  return accept(columns);
}

/** Empty cells are absent members; aliases are separated by `|` or `;`. */
function entryOf(cells: readonly string[], columns: readonly Column[]): Record<string, unknown> {
  return Object.fromEntries(columns.flatMap((column, at): [string, unknown][] => {
    const cell = (cells[at] ?? "").trim();
    if (cell === "") return column === "id" ? [[column, ""]] : [];
    if (column !== "aliases") return [[column, cell]];
    return [[column, cell.split(/[|;]/).map((alias) => alias.trim()).filter((one) => one !== "")]];
  }));
}

function refused(detail: string): Result<never, RatingProblem> {
  return refuse({
    code: "validation_failed",
    detail,
    errors: [{ code: "validation_failed", detail }],
  });
}

function refusedAll(details: readonly string[]): Result<never, RatingProblem> {
  const errors = details.map((detail) => ({ code: "validation_failed", detail }));
  return refuse({ code: "validation_failed", detail: details[0] ?? "", errors });
}
