import type { AuditChange } from "@/components/operator/AuditPage.tsx";
import type { AuditValue } from "@/lib/ports/audit.ts";

/** Nesting that is taken apart; what lies deeper is shown as JSON. */
const DEPTH_MAX = 4;

/**
 * What differs between two states, one line per member, named by its path (`limits.burst`). A side
 * that had no such member is `null`.
 */
export function auditChanges(before: AuditValue, after: AuditValue): readonly AuditChange[] {
  const old = new Map(leaves(before, [], 0));
  const now = new Map(leaves(after, [], 0));
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((name) => ({ name, before: old.get(name) ?? null, after: now.get(name) ?? null }))
    .filter((change) => change.before !== change.after);
}

function leaves(
  value: AuditValue,
  path: readonly string[],
  depth: number,
): readonly (readonly [string, string])[] {
  if (value === null && path.length === 0) return [];
  if (!isObject(value) || depth === DEPTH_MAX || Object.keys(value).length === 0) {
    return [[path.join("."), words(value)]];
  }
  return Object.entries(value).flatMap(([name, member]) =>
    leaves(member, [...path, name], depth + 1)
  );
}

function isObject(value: AuditValue): value is { readonly [name: string]: AuditValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function words(value: AuditValue): string {
  if (value === null) return "none";
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) {
    return value.length === 0 ? "none" : value.join(", ");
  }
  return JSON.stringify(value);
}
