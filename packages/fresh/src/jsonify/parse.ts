import { SPECIAL } from "./stringify.ts";

/** Makes the values that need a library, so that reading does not depend on it. */
export interface Revivers {
  signal(value: unknown): unknown;
  computed(compute: () => unknown): unknown;
}

/** Reads what `stringify` wrote. */
export function parse<T>(text: string, revivers: Revivers): T {
  const data: unknown = JSON.parse(text);
  if (typeof data === "number") return special(data) as T;
  if (!Array.isArray(data)) {
    throw new TypeError("Island props are not in the expected form");
  }
  return read({ data, made: new Map(), revivers }, 0) as T;
}

interface Reader {
  data: unknown[];
  made: Map<number, unknown>;
  revivers: Revivers;
}

function read(reader: Reader, index: number): unknown {
  if (index < 0) return special(index);
  if (reader.made.has(index)) return reader.made.get(index);
  const entry = reader.data[index];
  if (Array.isArray(entry)) {
    const [head] = entry;
    return typeof head === "string"
      ? readTyped(reader, index, head, entry.slice(1))
      : readArray(reader, index, entry);
  }
  if (typeof entry === "object" && entry !== null) {
    return readObject(reader, index, entry);
  }
  return keep(reader, index, entry);
}

function keep<T>(reader: Reader, index: number, value: T): T {
  reader.made.set(index, value);
  return value;
}

function readArray(reader: Reader, index: number, refs: number[]): unknown[] {
  const array = keep<unknown[]>(reader, index, new Array(refs.length));
  refs.forEach((ref, i) => {
    if (ref !== SPECIAL.hole) array[i] = read(reader, ref);
  });
  return array;
}

function readObject(reader: Reader, index: number, entry: object): object {
  const object = keep(reader, index, {});
  for (const [key, ref] of Object.entries(entry)) {
    Object.defineProperty(object, key, {
      value: read(reader, ref),
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
  return object;
}

// deno-lint-ignore no-explicit-any
function readTyped(reader: Reader, index: number, type: string, args: any[]): unknown {
  switch (type) {
    case "BigInt":
      return keep(reader, index, BigInt(args[0]));
    case "URL":
      return keep(reader, index, new URL(args[0]));
    case "Date":
      return keep(reader, index, new Date(args[0] === "" ? NaN : args[0]));
    case "RegExp":
      return keep(reader, index, new RegExp(args[0], args[1]));
    case "Uint8Array":
      return keep(reader, index, Uint8Array.from(atob(args[0]), (char) => char.charCodeAt(0)));
    case "Set": {
      const set = keep(reader, index, new Set());
      for (const ref of args) set.add(read(reader, ref));
      return set;
    }
    case "Map": {
      const map = keep(reader, index, new Map());
      for (let i = 0; i < args.length; i += 2) {
        map.set(read(reader, args[i]), read(reader, args[i + 1]));
      }
      return map;
    }
    case "Signal":
      return readSignal(reader, index, args[0]);
    case "Computed": {
      const value = read(reader, args[0]);
      return keep(reader, index, reader.revivers.computed(() => value));
    }
  }
  return keep(reader, index, readTemporal(type, args[0]));
}

/** The signal is made before its value, which may contain the signal itself. */
function readSignal(reader: Reader, index: number, ref: number): unknown {
  const signal = keep(reader, index, reader.revivers.signal(undefined)) as {
    value: unknown;
  };
  signal.value = read(reader, ref);
  return signal;
}

function readTemporal(type: string, text: string): unknown {
  const name = type.replace("Temporal.", "");
  const temporal: unknown = Reflect.get(globalThis, "Temporal");
  const constructor: unknown = typeof temporal === "object" && temporal !== null
    ? Reflect.get(temporal, name)
    : undefined;
  if (typeof constructor !== "function") {
    throw new TypeError(`This browser cannot read an island prop of type ${type}`);
  }
  return Reflect.get(constructor, "from").call(constructor, text);
}

function special(code: number): unknown {
  switch (code) {
    case SPECIAL.null:
      return null;
    case SPECIAL.nan:
      return NaN;
    case SPECIAL.infinity:
      return Infinity;
    case SPECIAL.minusInfinity:
      return -Infinity;
    case SPECIAL.minusZero:
      return -0;
    default:
      return undefined;
  }
}
