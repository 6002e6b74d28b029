import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";

export interface JsonLimits {
  /** Arrays and objects inside one another; a scalar has depth 0. */
  readonly maxDepth: number;
  /** Keys of all objects together. */
  readonly maxKeys: number;
}

export const JSON_LIMITS: JsonLimits = { maxDepth: 32, maxKeys: 100_000 };

/**
 * `JSON.parse` that refuses what two readers could understand differently: the same key twice, and
 * `__proto__`. Errors: `malformed_json`, `json_too_deep`, `json_too_many_keys`,
 * `duplicate_json_key`, `forbidden_json_key`.
 */
export function parseStrictJson(text: string, limits: JsonLimits = JSON_LIMITS): Result<unknown> {
  const parsed = tryParse(text);
  if (!parsed.ok) return parsed;
  const counted = countKeys(parsed.value, limits);
  if (!counted.ok) return counted;
  // JSON.parse keeps the last of equal keys, so fewer keys came out than were written.
  if (counted.value !== countWrittenKeys(text)) {
    return refuse({
      code: "duplicate_json_key",
      detail: `An object has the key ${JSON.stringify(findDuplicate(text))} more than once`,
    });
  }
  return parsed;
}

function tryParse(text: string): Result<unknown> {
  try {
    return accept(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message : "it can't be read";
    return refuse({ code: "malformed_json", detail: `The body is not JSON: ${reason}` });
  }
}

/** Counts keys without recursion, so that depth costs no stack before it is judged. */
function countKeys(root: unknown, { maxDepth, maxKeys }: JsonLimits): Result<number> {
  let keys = 0;
  let level: object[] = isContainer(root) ? [root] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxDepth) {
      return refuse(limit("json_too_deep", `more than ${maxDepth} levels deep`));
    }
    const next: object[] = [];
    for (const container of level) {
      if (Array.isArray(container)) {
        for (const item of container) if (isContainer(item)) next.push(item);
        continue;
      }
      for (const [key, value] of Object.entries(container)) {
        if (key === "__proto__") {
          return refuse({
            code: "forbidden_json_key",
            detail: 'The key "__proto__" is not allowed',
          });
        }
        if (++keys > maxKeys) {
          return refuse(limit("json_too_many_keys", `more than ${maxKeys} keys long`));
        }
        if (isContainer(value)) next.push(value);
      }
    }
    level = next;
  }
  return accept(keys);
}

function limit(code: string, what: string): Refusal {
  return { code, detail: `The JSON is ${what}` };
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** In valid JSON, a string followed by a colon is a key. Jumps from quote to quote. */
function countWrittenKeys(text: string): number {
  let keys = 0;
  for (let open = text.indexOf('"'); open !== -1;) {
    const close = closingQuote(text, open);
    const after = skipBlanks(text, close + 1);
    if (text.charCodeAt(after) === COLON) keys++;
    open = text.indexOf('"', after);
  }
  return keys;
}

const COLON = 58;
const BACKSLASH = 92;

function closingQuote(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1);; at = text.indexOf('"', at + 1)) {
    if (at === -1) return text.length;
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at;
  }
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code === 32 || (code >= 9 && code <= 13);) {
    code = text.charCodeAt(++at);
  }
  return at;
}

/** Only for the message, so it may be slow. */
function findDuplicate(text: string): string {
  const open: Set<string>[] = [];
  for (const [token, key] of text.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (key !== undefined) {
      const name: unknown = JSON.parse(key);
      const seen = open.at(-1);
      if (seen === undefined || typeof name !== "string") continue;
      if (seen.has(name)) return name;
      seen.add(name);
    }
  }
  return "";
}
