import type { Method } from "../handlers.ts";
import { compilePattern, isPattern, type Matcher } from "./pattern.ts";

/** What is registered under one path or pattern, by method. */
export interface RouteEntry<Item> {
  pattern: string;
  byMethod: Map<string, Item>;
}

export interface RouteMatch<Item> {
  entry: RouteEntry<Item>;
  params: Record<string, string>;
}

interface PatternEntry<Item> extends RouteEntry<Item> {
  matches: Matcher;
  /** First path segment when it is a literal; tells which buckets the pattern belongs to. */
  head: string | null;
}

/**
 * Finds the routes of a path. A path without parameters is one map lookup and beats patterns;
 * among patterns the first one registered wins.
 */
export class Router<Item> {
  readonly #literals = new Map<string, RouteEntry<Item>>();
  readonly #patterns: PatternEntry<Item>[] = [];
  readonly #patternsByHead = new Map<string, PatternEntry<Item>[]>();
  readonly #headless: PatternEntry<Item>[] = [];

  /** The first item registered for a method and path stays. */
  add(method: Method, path: string, item: Item): void {
    const entry = isPattern(path) ? this.#patternEntry(path) : this.#literalEntry(path);
    if (!entry.byMethod.has(method)) entry.byMethod.set(method, item);
  }

  match(pathname: string): RouteMatch<Item> | null {
    const literal = this.#literals.get(pathname) ??
      this.#literals.get(otherSlash(pathname));
    if (literal !== undefined) return { entry: literal, params: {} };
    const slash = pathname.indexOf("/", 1);
    const head = slash === -1 ? pathname.slice(1) : pathname.slice(1, slash);
    const candidates = this.#patternsByHead.get(head) ?? this.#headless;
    for (let i = 0; i < candidates.length; i++) {
      const entry = candidates[i];
      const params = entry?.matches(pathname) ?? null;
      if (entry !== undefined && params !== null) return { entry, params };
    }
    return null;
  }

  #literalEntry(path: string): RouteEntry<Item> {
    const key = encodePath(path);
    let entry = this.#literals.get(key);
    if (entry === undefined) {
      entry = { pattern: path, byMethod: new Map() };
      this.#literals.set(key, entry);
    }
    return entry;
  }

  #patternEntry(path: string): RouteEntry<Item> {
    const known = this.#patterns.find((entry) => entry.pattern === path);
    if (known !== undefined) return known;
    const pattern = path.startsWith("/") || path.startsWith("{") ? path : `/${path}`;
    const entry: PatternEntry<Item> = {
      pattern: path,
      byMethod: new Map(),
      matches: compilePattern(pattern),
      head: literalHead(pattern),
    };
    this.#patterns.push(entry);
    this.#index(entry);
    return entry;
  }

  #index(entry: PatternEntry<Item>): void {
    if (entry.head === null) {
      this.#headless.push(entry);
      for (const bucket of this.#patternsByHead.values()) bucket.push(entry);
      return;
    }
    const bucket = this.#patternsByHead.get(entry.head);
    if (bucket === undefined) {
      this.#patternsByHead.set(entry.head, [...this.#headless, entry]);
    } else bucket.push(entry);
  }
}

function otherSlash(pathname: string): string {
  if (pathname === "/") return pathname;
  return pathname.endsWith("/") ? pathname.slice(0, -1) : `${pathname}/`;
}

function encodePath(path: string): string {
  return /[^\x21-\x7e]/.test(path) ? encodeURI(path) : path;
}

/** The first segment, if it can match nothing but itself and something must follow it. */
function literalHead(pattern: string): string | null {
  const match = /^\/([A-Za-z0-9_.~-]+)(?=\/|\{\/)/.exec(pattern);
  return match?.[1] ?? null;
}
