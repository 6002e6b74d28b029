import { accept, refuse, type Result } from "@/lib/domain/result.ts";

/** Every scope that a key or token can carry, with what it opens. `*` is all of them. */
export const SCOPES = {
  "ratings:read": "Rate instruments and read the methods",
  "prices:read": "Read stored prices",
  "prices:write": "Push quotes and histories",
  "instruments:read": "Read stored instruments",
  "instruments:write": "Store instruments",
  "lists:write": "Replace restricted lists",
  "screening:read": "Screen names against lists",
  "usage:read": "Read usage, plan and the billing preview",
  "events:write": "Send usage events of other services",
} as const;

export type Scope = keyof typeof SCOPES;

/** Error: `invalid_scope`. No scope at all is refused as well: such a key could do nothing. */
export function parseScopes(words: readonly string[]): Result<readonly string[]> {
  const scopes = [...new Set(words.map((word) => word.trim()).filter((word) => word !== ""))];
  const unknown = scopes.find((scope) => scope !== "*" && !Object.hasOwn(SCOPES, scope));
  if (unknown !== undefined || scopes.length === 0) {
    const known = ["*", ...Object.keys(SCOPES)].join(", ");
    const detail = unknown === undefined
      ? `Choose at least one scope of ${known}`
      : `${JSON.stringify(unknown)} is not a scope; there are ${known}`;
    return refuse({ code: "invalid_scope", detail });
  }
  return accept(scopes.includes("*") ? ["*"] : scopes.sort());
}

/** Error: `scope_missing`. */
export function requireScope(granted: readonly string[], scope: Scope): Result<"granted"> {
  if (granted.includes("*") || granted.includes(scope)) return accept("granted");
  return refuse({ code: "scope_missing", detail: `This needs a credential with scope ${scope}` });
}

/** What both sides grant: a token never gets more than its issuer may give. */
export function intersectScopes(
  asked: readonly string[],
  most: readonly string[],
): readonly string[] {
  if (most.includes("*")) return asked;
  if (asked.includes("*")) return most;
  return asked.filter((scope) => most.includes(scope));
}
