import { accept, refuse, type Result } from "../domain/result.ts";
import { canonicalJson } from "../domain/rating/canonical_json.ts";
import type { Quote } from "../domain/rating/quote.ts";
import type { Clock } from "../ports/clock.ts";
import type { RatingUpstream, UpstreamCacheStore } from "../ports/rating.ts";
import type { Hash } from "./input_hash.ts";
import { parseBody } from "./parse_body.ts";
import type { RatingProblem } from "./problems.ts";
import { UpstreamAnswerSchema } from "./schemas.ts";
import { toQuote } from "./to_domain.ts";

/** The operator's own price source, asked when a tenant has pushed no fresh quote. */
export interface UpstreamConfig {
  /** `https:`, with a host on the list; `http:` only for loopback. */
  readonly url: string;
  readonly hosts: ReadonlySet<string>;
  readonly name: string;
  readonly timeoutMs: number;
  readonly bytesMax: number;
  readonly ttlMs: number;
}

export const UPSTREAM_TIMEOUT_MS = 2_000;
export const UPSTREAM_BYTES_MAX = 16_384;
export const UPSTREAM_TTL_MS = 5_000;

/** Answers kept in memory. */
const MEMORY_ENTRIES_MAX = 10_000;

export interface UpstreamCounts {
  readonly hitsMemory: number;
  readonly hitsStore: number;
  readonly misses: number;
  readonly failures: number;
}

export interface UpstreamDeps {
  readonly upstream: RatingUpstream;
  readonly cache: UpstreamCacheStore;
  readonly clock: Clock;
  readonly hash: Hash;
}

/**
 * Asks the upstream for a quote, through two caches: this instance's memory, and the store that all
 * instances share. Only checked answers are kept, for `ttlMs`. Equal questions under way share one
 * request.
 */
export class UpstreamPrices {
  readonly #config: UpstreamConfig;
  readonly #deps: UpstreamDeps;
  readonly #memory = new Map<string, { quote: Quote; expiresAtMs: number }>();
  readonly #underWay = new Map<string, Promise<Result<Quote, RatingProblem>>>();
  #counts = { hitsMemory: 0, hitsStore: 0, misses: 0, failures: 0 };

  constructor(config: UpstreamConfig, deps: UpstreamDeps) {
    this.#config = config;
    this.#deps = deps;
  }

  get counts(): UpstreamCounts {
    return { ...this.#counts };
  }

  /** The key holds everything that is sent, so that equal questions meet and others never do. */
  quote(question: { instrumentId: string; currency: string | null; mic: string | null }): Promise<
    Result<Quote, RatingProblem>
  > {
    const body = canonicalJson({
      instrument: question.instrumentId,
      currency: question.currency,
      mic: question.mic,
    });
    const key = this.#deps.hash(canonicalJson([this.#config.url, body]));
    const known = this.#memory.get(key);
    if (known !== undefined && known.expiresAtMs > this.#deps.clock.nowMs()) {
      this.#counts.hitsMemory += 1;
      return Promise.resolve(accept(known.quote));
    }
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) return underWay;
    const found = this.#find(key, body).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, found);
    return found;
  }

  async #find(key: string, body: string): Promise<Result<Quote, RatingProblem>> {
    const { cache, clock } = this.#deps;
    const stored = await cache.get(key);
    if (stored !== null && stored.expiresAtMs > clock.nowMs()) {
      const quote = this.#read(stored.text);
      if (quote.ok) {
        this.#counts.hitsStore += 1;
        this.#remember(key, { quote: quote.value, expiresAtMs: stored.expiresAtMs });
        return quote;
      }
    }
    this.#counts.misses += 1;
    const asked = await this.#ask(body);
    if (!asked.ok) {
      this.#counts.failures += 1;
      return asked;
    }
    const { text, quote } = asked.value;
    const { ttlMs } = this.#config;
    const expiresAtMs = clock.nowMs() + ttlMs;
    this.#remember(key, { quote, expiresAtMs });
    await cache.put(key, { text, expiresAtMs, ttlMs });
    return accept(quote);
  }

  async #ask(body: string): Promise<Result<{ text: string; quote: Quote }, RatingProblem>> {
    const { url, hosts, timeoutMs, bytesMax } = this.#config;
    if (!isPermitted(url, hosts)) return refuse(FORBIDDEN);
    const answer = await this.#deps.upstream.ask(url, { body, timeoutMs, bytesMax });
    if (!answer.ok) return refuse(answer.code === "timeout" ? TIMEOUT : FAILURES[answer.code]);
    const quote = this.#read(answer.text);
    return quote.ok ? accept({ text: answer.text, quote: quote.value }) : quote;
  }

  #read(text: string): Result<Quote, RatingProblem> {
    const parsed = parseBody(UpstreamAnswerSchema, jsonOrNull(text));
    if (!parsed.ok) return refuse(INVALID);
    return accept(toQuote(parsed.value, `upstream:${this.#config.name}`));
  }

  #remember(key: string, entry: { quote: Quote; expiresAtMs: number }): void {
    this.#memory.delete(key);
    this.#memory.set(key, entry);
    const oldest = this.#memory.keys().next().value;
    if (this.#memory.size > MEMORY_ENTRIES_MAX && oldest !== undefined) this.#memory.delete(oldest);
  }
}

/** Only listed hosts, without credentials in the URL, and unencrypted only to this machine. */
export function isPermitted(text: string, hosts: ReadonlySet<string>): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "") return false;
  if (!hosts.has(url.host)) return false;
  const isLoopback = url.hostname === "127.0.0.1" || url.hostname === "localhost" ||
    url.hostname === "[::1]";
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback);
}

const FORBIDDEN: RatingProblem = {
  code: "upstream_forbidden",
  detail: "The upstream URL is not on the list of permitted hosts. Tell the operator",
};
const TIMEOUT: RatingProblem = {
  code: "upstream_timeout",
  detail: "The upstream did not answer in time. Try again, or send `quote`",
};
const INVALID: RatingProblem = {
  code: "upstream_invalid",
  detail: "The upstream's answer is not a quote. Tell the operator, or send `quote`",
};
const UNAVAILABLE: RatingProblem = {
  code: "upstream_unavailable",
  detail: "The upstream can't be reached. Try again, or send `quote`",
};
const FAILURES = { too_large: INVALID, bad_status: UNAVAILABLE, unreachable: UNAVAILABLE } as const;

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
