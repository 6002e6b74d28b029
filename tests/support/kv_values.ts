import { serialize } from "node:v8";

/** Sizes that the cheap upper bound cannot rule out are measured exactly. */
const EXACT_FROM = 8_192;

/** A deep copy as the structured clone that Deno KV stores; common shapes without its cost. */
export function copyValue(value: unknown): unknown {
  if (typeof value !== "object" || value === null) {
    if (typeof value === "function" || typeof value === "symbol") return structuredClone(value);
    return value;
  }
  if (value instanceof Deno.KvU64) return value;
  if (Array.isArray(value)) return value.map(copyValue);
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return structuredClone(value);
  const copy: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value)) copy[name] = copyValue(part);
  return copy;
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
      return 8 + value.toString(16).length;
    case "object":
      break;
    default:
      return 12;
  }
  if (value === null) return 2;
  if (value instanceof Uint8Array) return 32 + value.byteLength;
  if (Array.isArray(value)) return value.reduce<number>((sum, part) => sum + upperBound(part), 16);
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return EXACT_FROM;
  let size = 8;
  for (const [name, part] of Object.entries(value)) size += 8 + 2 * name.length + upperBound(part);
  return size;
}
