import type { AuditChange } from "@/components/ui/ChangeList.tsx";
import type { AuditValue } from "@/lib/ports/audit.ts";

/** Nesting that is taken apart; what lies deeper is shown as JSON. */
const DEPTH_MAX = 4;

/**
 * What differs between two states, one line per member, named by its path (`limits.burst`). A side
 * that had no such member is `null`; `none` is the word for a member that holds nothing.
 */
export function auditChanges(
  before: AuditValue,
  after: AuditValue,
  none = "none",
): readonly AuditChange[] {
  const old = new Map(leaves(before, { path: [], none }));
  const now = new Map(leaves(after, { path: [], none }));
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((name) => ({ name, before: old.get(name) ?? null, after: now.get(name) ?? null }))
    .filter((change) => change.before !== change.after);
}

/** A new thing repeats whose it is and which. */
export function isSaidBy(
  { chain, subject }: { readonly chain: string; readonly subject: string },
  { before, after }: AuditChange,
): boolean {
  return before === null && (after === chain || after === subject);
}

interface Place {
  readonly path: readonly string[];
  readonly none: string;
}

function leaves(value: AuditValue, place: Place): readonly (readonly [string, string])[] {
  const { path } = place;
  if (value === null && path.length === 0) return [];
  if (!isObject(value) || path.length === DEPTH_MAX || Object.keys(value).length === 0) {
    return [[path.join("."), words(value, place)]];
  }
  return Object.entries(value).flatMap(([name, member]) =>
    leaves(member, { ...place, path: [...path, name] })
  );
}

function isObject(value: AuditValue): value is { readonly [name: string]: AuditValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function words(value: AuditValue, { path, none }: Place): string {
  if (value === null) return none;
  if (typeof value === "string") return value;
  if (typeof value === "number" && path.at(-1)?.endsWith("AtMs") === true) {
    return new Date(value).toISOString();
  }
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) {
    return value.length === 0 ? none : value.join(", ");
  }
  return JSON.stringify(value);
}
