import { jsonUnits } from "../api/operation.ts";

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json };

/** Hashes help nobody but who wants to guess secrets; `v` numbers the stored form. */
const HIDDEN: ReadonlySet<string> = new Set(["hash", "secretHash", "v"]);

/**
 * A value of ours as the API shows it: `createdAtMs` is `created_at`, an ISO 8601 instant;
 * `oldestUnsentAgeMs` is `oldest_unsent_age_seconds`; units are numbers, or text beyond 2^53. Money
 * with decimals (`Amount`) must be turned into text before.
 */
export function toJson(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return jsonUnits(value);
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Map) return toJsonObject(Object.fromEntries(value));
  return typeof value === "object" ? toJsonObject(value) : String(value);
}

export function toJsonObject(value: object): { readonly [name: string]: Json } {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, member]) => member !== undefined && !HIDDEN.has(name))
      .map(([name, member]) => jsonMember(name, member)),
  );
}

/** For a time that may be absent. */
export function isoTime(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}

function jsonMember(name: string, member: unknown): [string, Json] {
  const stem = snakeCase(name.slice(0, -2));
  const isTime = name.endsWith("Ms") && (typeof member === "number" || member === null);
  if (!isTime) return [snakeCase(name), toJson(member)];
  if (!name.endsWith("AgeMs")) return [stem, isoTime(member)];
  return [`${stem}_seconds`, member === null ? null : member / 1_000];
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
