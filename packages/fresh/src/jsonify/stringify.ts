/**
 * Writes island props as JSON. Values are numbered and refer to each other by number, so that
 * shared references and cycles survive; `parse` reads the result back in the browser.
 *
 * Supported: `null`, `undefined`, booleans, numbers (`NaN`, infinities and `-0` included), bigints,
 * strings, arrays with holes, plain objects, `URL`, `Date`, `RegExp`, `Set`, `Map`, `Uint8Array`,
 * `Temporal` values and signals. Throws a `TypeError` that names the place of anything else.
 */
export function stringify(value: unknown): string {
  const writer: Writer = { out: [], seen: new Map() };
  const index = write(writer, value, "props");
  return index < 0 ? String(index) : JSON.stringify(writer.out);
}

/** Numbers that stand for a value instead of referring to one. */
export const SPECIAL = {
  undefined: -1,
  null: -2,
  nan: -3,
  infinity: -4,
  minusInfinity: -5,
  minusZero: -6,
  hole: -7,
} as const;

export const TEMPORAL_TYPES = [
  "Instant",
  "ZonedDateTime",
  "PlainDate",
  "PlainTime",
  "PlainDateTime",
  "PlainYearMonth",
  "PlainMonthDay",
  "Duration",
] as const;

const SIGNAL_BRAND = Symbol.for("preact-signals");

type Encoded =
  | string
  | number
  | boolean
  | (string | number)[]
  | Record<string, number>;

interface Writer {
  out: Encoded[];
  seen: Map<unknown, number>;
}

function write(writer: Writer, value: unknown, path: string): number {
  const special = specialOf(value);
  if (special !== null) return special;
  const known = writer.seen.get(value);
  if (known !== undefined) return known;
  const index = writer.out.length;
  writer.seen.set(value, index);
  writer.out.push(0);
  writer.out[index] = encode(writer, value, path);
  return index;
}

function specialOf(value: unknown): number | null {
  if (value === undefined) return SPECIAL.undefined;
  if (value === null) return SPECIAL.null;
  if (typeof value !== "number") return null;
  if (Number.isNaN(value)) return SPECIAL.nan;
  if (value === Infinity) return SPECIAL.infinity;
  if (value === -Infinity) return SPECIAL.minusInfinity;
  return Object.is(value, -0) ? SPECIAL.minusZero : null;
}

function encode(writer: Writer, value: unknown, path: string): Encoded {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
      return value;
    case "bigint":
      return ["BigInt", String(value)];
    case "function":
      throw new TypeError(`${path} is a function, which cannot be sent to the browser`);
    case "symbol":
      throw new TypeError(`${path} is a symbol, which cannot be sent to the browser`);
  }
  if (Array.isArray(value)) return encodeArray(writer, value, path);
  if (typeof value !== "object" || value === null) {
    throw new TypeError(`${path} cannot be sent to the browser`);
  }
  return encodeBuiltIn(writer, value, path) ??
    encodeObject(writer, value, path);
}

function encodeArray(writer: Writer, array: unknown[], path: string): number[] {
  const out: number[] = [];
  for (let i = 0; i < array.length; i++) {
    out.push(i in array ? write(writer, array[i], `${path}[${i}]`) : SPECIAL.hole);
  }
  return out;
}

function encodeBuiltIn(writer: Writer, value: object, path: string): Encoded | null {
  if (isSignal(value)) {
    const kind = Object.hasOwn(Object.getPrototypeOf(value), "brand") ? "Signal" : "Computed";
    return [kind, write(writer, value.peek(), `${path}.value`)];
  }
  if (value instanceof URL) return ["URL", value.href];
  if (value instanceof Date) {
    return ["Date", Number.isNaN(value.getTime()) ? "" : value.toISOString()];
  }
  if (value instanceof RegExp) return ["RegExp", value.source, value.flags];
  if (value instanceof Uint8Array) return ["Uint8Array", value.toBase64()];
  if (value instanceof Set) {
    return [
      "Set",
      ...[...value].map((item, i) => write(writer, item, `${path}.values()[${i}]`)),
    ];
  }
  if (value instanceof Map) {
    const refs = [...value].flatMap(([key, item], i) => [
      write(writer, key, `${path}.keys()[${i}]`),
      write(writer, item, `${path}.values()[${i}]`),
    ]);
    return ["Map", ...refs];
  }
  const tag = Reflect.get(value, Symbol.toStringTag);
  if (typeof tag !== "string" || !tag.startsWith("Temporal.")) return null;
  const type = TEMPORAL_TYPES.find((name) => tag === `Temporal.${name}`);
  return type === undefined ? null : [`Temporal.${type}`, String(value)];
}

function encodeObject(writer: Writer, value: object, path: string): Record<string, number> {
  if (isElement(value)) {
    throw new TypeError(
      `${path} is JSX; this build of Fresh sends plain data to islands only, ` +
        "so render it inside the island",
    );
  }
  const out: Record<string, number> = Object.create(null);
  for (const [key, item] of Object.entries(value)) {
    out[key] = write(writer, item, `${path}.${key}`);
  }
  return out;
}

function isSignal(value: object): value is { peek(): unknown } {
  return "brand" in value && value.brand === SIGNAL_BRAND;
}

function isElement(value: object): boolean {
  return value.constructor === undefined && "type" in value &&
    "props" in value &&
    "key" in value && "ref" in value;
}
