import type { JSONWebKeySet } from "jose";
import { z } from "zod";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { NameResolver, Outbound } from "@/lib/ports/outbound.ts";
import { callGuarded } from "./ssrf.ts";

/** Published keys of token issuers. */
export interface JwksSource {
  /** Error: `jwks_unavailable`, only while no set was ever read. */
  keys(url: string): Promise<Result<JSONWebKeySet>>;
  /** The set read anew because a key is missing; `null` when it was read a moment ago. */
  refreshed(url: string): Promise<JSONWebKeySet | null>;
}

interface Held {
  readonly set: JSONWebKeySet | null;
  readonly triedAtMs: number;
}

const COOLDOWN_MS = 30_000;
const MAX_AGE_MS = 10 * 60_000;
const MAX_ISSUERS = 1_000;
const TIMEOUT_MS = 5_000;
const MAX_BYTES = 262_144;

const keySet = z.object({
  keys: z.array(
    z.looseObject({ kty: z.enum(["EC", "RSA", "OKP"]), kid: z.string().optional() }).refine(
      (key) => !Object.hasOwn(key, "d"),
      "a private key is published",
    ),
  ).max(100),
});

/**
 * Reads each set at most every 30 s, however many tokens name unknown keys, and every 10 minutes
 * when they are in use; keeps the last good one through an outage of the issuer.
 */
export function createJwksSource(
  { clock, resolver, outbound }: { clock: Clock; resolver: NameResolver; outbound: Outbound },
): JwksSource {
  const held = new Map<string, Held>();
  const reading = new Map<string, Promise<Held>>();

  function read(url: string): Promise<Held> {
    const running = reading.get(url) ?? fetchSet(url).finally(() => reading.delete(url));
    reading.set(url, running);
    return running;
  }

  async function fetchSet(url: string): Promise<Held> {
    const answer = await callGuarded({
      url,
      method: "GET",
      headers: { accept: "application/jwk-set+json, application/json" },
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_BYTES,
    }, { resolver, outbound });
    const set = answer.ok && answer.status === 200 ? parseSet(answer.text) : null;
    const entry = { set: set ?? held.get(url)?.set ?? null, triedAtMs: clock.nowMs() };
    const oldest = held.keys().next();
    if (held.size >= MAX_ISSUERS && !held.has(url) && !oldest.done) held.delete(oldest.value);
    held.set(url, entry);
    return entry;
  }

  return {
    keys: async (url) => {
      const known = held.get(url);
      const waitMs = known?.set === null ? COOLDOWN_MS : MAX_AGE_MS;
      const due = known === undefined || clock.nowMs() - known.triedAtMs >= waitMs;
      const { set } = due ? await read(url) : known;
      if (set !== null) return accept(set);
      const detail = "The issuer's keys can't be read now; try again in half a minute";
      return refuse({ code: "jwks_unavailable", detail });
    },
    refreshed: async (url) => {
      const known = held.get(url);
      if (known !== undefined && clock.nowMs() - known.triedAtMs < COOLDOWN_MS) return null;
      return (await read(url)).set;
    },
  };
}

function parseSet(text: string): JSONWebKeySet | null {
  try {
    const parsed = keySet.safeParse(JSON.parse(text));
    return parsed.success ? { keys: parsed.data.keys.map(plain) } : null;
  } catch {
    return null;
  }
}

/** Without the members that are absent, which the type tells from undefined. */
function plain({ kid, ...key }: { kty: string; kid?: string | undefined }) {
  return kid === undefined ? key : { ...key, kid };
}
