import { serialize } from "node:v8";

/** Sizes that the cheap upper bound cannot rule out are measured exactly. */
const EXACT_FROM = 8_192;

/** A value as it stands in the store. */
export interface KeptValue {
  readonly value: unknown;
  /** All of it is frozen, so readers may share it; otherwise each gets a copy of its own. */
  readonly shared: boolean;
}

/**
 * A deep copy as the structured clone that Deno KV stores. Common shapes are frozen instead of
 * copied again at each read: code that changed what it has read would throw, never reach the store.
 */
export function keepValue(value: unknown): KeptValue {
  let shared = true;
  const keep = (part: unknown): unknown => {
    if (typeof part !== "object" || part === null) {
      return typeof part === "function" || typeof part === "symbol" ? structuredClone(part) : part;
    }
    if (part instanceof Deno.KvU64) return part;
    if (Array.isArray(part)) return Object.freeze(part.map(keep));
    if (!isPlain(part)) {
      shared = false;
      return structuredClone(part);
    }
    const copy: Record<string, unknown> = {};
    for (const name of Object.keys(part)) copy[name] = keep(Reflect.get(part, name));
    return Object.freeze(copy);
  };
  const kept = keep(value);
  return { value: kept, shared };
}

/** What a reader gets of a kept value. */
export function readValue({ value, shared }: KeptValue): unknown {
  return shared ? value : thaw(value);
}

function thaw(value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof Deno.KvU64) return value;
  if (Array.isArray(value)) return value.map(thaw);
  if (!isPlain(value)) return structuredClone(value);
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) copy[name] = thaw(Reflect.get(value, name));
  return copy;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Bytes that the value takes in the store; exact near the limit, never too low elsewhere. */
export function valueSize(value: unknown): number {
  if (value instanceof Deno.KvU64) return 8;
  const bound = upperBound(value);
  return bound < EXACT_FROM ? bound : serialize(value).byteLength;
}

function upperBound(value: unknown): number {
  switch (typeof value) {
    case "string":
      return 8 + 2 * value.length;
    case "bigint":
      return isShort(value) ? 16 : 8 + value.toString(16).length;
    case "object":
      break;
    default:
      return 12;
  }
  if (value === null) return 2;
  if (value instanceof Uint8Array) return 32 + value.byteLength;
  if (Array.isArray(value)) return value.reduce<number>((sum, part) => sum + upperBound(part), 16);
  if (!isPlain(value)) return EXACT_FROM;
  let size = 8;
  for (const name of Object.keys(value)) {
    size += 8 + 2 * name.length + upperBound(Reflect.get(value, name));
  }
  return size;
}

function isShort(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}
