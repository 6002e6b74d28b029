import { accept, refuse, type Result } from "../domain/result.ts";
import { soon } from "../domain/soon.ts";
import type { Instrument } from "../domain/rating/instrument.ts";
import {
  ENGINE_VERSION,
  rateInstrument,
  type RatingParts,
} from "../domain/rating/rate_instrument.ts";
import { RATING_PARTS, type RatingPart } from "../domain/rating/rating_parts.ts";
import type { Clock } from "../ports/clock.ts";
import type { Ids } from "../ports/ids.ts";
import { gatherInputs, type RatingInputs } from "./gather_inputs.ts";
import { type Hash, hashInputs } from "./input_hash.ts";
import type { ListCache } from "./list_cache.ts";
import { parseBody } from "./parse_body.ts";
import { plainRequest } from "./plain_request.ts";
import type { RatingProblem } from "./problems.ts";
import type { RatingCache } from "./rating_cache.ts";
import { type RatingRequest, RatingRequestSchema } from "./schemas.ts";
import type { UpstreamPrices } from "./upstream_prices.ts";

export interface RatingDeps {
  readonly cache: RatingCache;
  readonly lists: ListCache;
  /** Null when the operator has configured none. */
  readonly upstream: UpstreamPrices | null;
  readonly clock: Clock;
  readonly ids: Pick<Ids, "next">;
  readonly hash: Hash;
}

export interface RatingCall {
  readonly tenantId: string;
  /** Parsed JSON, not yet checked. */
  readonly body: unknown;
  /** Parts that the tenant's plan includes. */
  readonly entitledParts: ReadonlySet<string>;
  /** `allow` answers the parts that are in the plan and marks the others `not_entitled`. */
  readonly partial: "deny" | "allow";
  /**
   * `cached` accepts stored state up to `STALENESS_MAX_MS` old and then reads nothing; `latest`
   * reads current versions first.
   */
  readonly freshness: "cached" | "latest";
}

/** A call whose body has been checked. */
export interface CheckedCall extends Omit<RatingCall, "body"> {
  readonly request: RatingRequest;
}

/** A rating as the API returns it, and what it costs: one unit for each part that is `ok`. */
export interface Rating {
  readonly body: RatingBody;
  readonly units: ReadonlyMap<RatingPart, bigint>;
}

export interface RatingBody extends RatingParts {
  readonly rating_id: string;
  readonly as_of: string;
  readonly engine_version: string;
  readonly input_hash: string;
  readonly indicative: true;
  readonly instrument: Readonly<Record<string, string>>;
  readonly usage: {
    readonly units: Readonly<Partial<Record<RatingPart, number>>>;
    readonly total: number;
  };
}

/** Parts that answer when the call names none; screening is asked for by name. */
const PARTS_DEFAULT: readonly RatingPart[] = [
  "risk_score",
  "price_feed",
  "compliance",
  "greeks",
  "bond_analytics",
];

/**
 * Rates one instrument. With cached snapshots and no upstream this reads nothing and answers at once.
 */
export function rateOne(
  asked: RatingCall,
  deps: RatingDeps,
): Result<Rating, RatingProblem> | Promise<Result<Rating, RatingProblem>> {
  const plain = plainRequest(asked.body);
  const parsed = plain === null ? parseBody(RatingRequestSchema, asked.body) : accept(plain);
  if (!parsed.ok) return parsed;
  const call: CheckedCall = { ...asked, request: parsed.value };
  const parts = partsToRate(call);
  if (!parts.ok) return parts;
  return soon(
    gatherInputs(call, { parts: parts.value.rated, deps }),
    (gathered) => gathered.ok ? answer(gathered.value, { parts: parts.value, deps }) : gathered,
  );
}

interface PartChoice {
  readonly rated: ReadonlySet<RatingPart>;
  readonly withheld: readonly RatingPart[];
}

function partsToRate(
  { request, entitledParts, partial }: {
    readonly request: RatingRequest;
    readonly entitledParts: ReadonlySet<string>;
    readonly partial: "deny" | "allow";
  },
): Result<PartChoice, RatingProblem> {
  const asked = request.include ?? PARTS_DEFAULT.filter((part) => entitledParts.has(part));
  const withheld = asked.filter((part) => !entitledParts.has(part));
  const rated = new Set(asked.filter((part) => entitledParts.has(part)));
  const isRefused = rated.size === 0 || (withheld.length > 0 && partial === "deny");
  if (!isRefused) return accept({ rated, withheld });
  const missing = withheld.length > 0 ? withheld : [...PARTS_DEFAULT];
  return refuse({
    code: "not_entitled",
    detail: `The plan does not include ${missing.join(", ")}. Leave these parts out of include, ` +
      "or change the plan",
    pointer: "/include",
    missingEntitlements: missing,
  });
}

function answer(
  gathered: RatingInputs,
  { parts, deps }: { parts: PartChoice; deps: RatingDeps },
): Result<Rating, RatingProblem> {
  const { asOfMs, view, underlying, digests } = gathered;
  const rated = rateInstrument({ ...gathered, include: parts.rated });
  const refusal = wholeRefusal(rated);
  if (refusal !== null) return refuse(refusal);
  const units = new Map<RatingPart, bigint>();
  const counts: Partial<Record<RatingPart, number>> = {};
  for (const part of RATING_PARTS) {
    if (rated[part]?.status !== "ok") continue;
    units.set(part, 1n);
    counts[part] = 1;
  }
  const asOf = new Date(asOfMs).toISOString();
  const inputHash = hashInputs(deps.hash, {
    ...digests,
    asOf,
    engineVersion: ENGINE_VERSION,
    include: parts.rated,
    quote: view,
    underlying,
  });
  return accept({
    body: {
      rating_id: deps.ids.next("rt"),
      as_of: asOf,
      engine_version: ENGINE_VERSION,
      input_hash: `sha256:${inputHash}`,
      indicative: true,
      instrument: identification(gathered.instrument),
      ...rated,
      ...Object.fromEntries(parts.withheld.map((part) => [part, WITHHELD])),
      usage: { units: counts, total: units.size },
    },
    units,
  });
}

const WITHHELD = { status: "not_entitled" } as const;

/** A refusal for the whole call: no part gave anything, and at least one could have. */
function wholeRefusal(rated: RatingParts): RatingProblem | null {
  let first: RatingProblem | null = null;
  for (const part of RATING_PARTS) {
    const result = rated[part];
    if (result === undefined) continue;
    if (result.status === "ok") return null;
    const isFailure = result.status === "insufficient_data" || result.status === "not_evaluated";
    if (first === null && isFailure && "reason" in result && result.reason !== undefined) {
      first = result.reason;
    }
  }
  return first;
}

function identification(terms: Instrument): Record<string, string> {
  const { isin, cusip, sedol, figi, cfiCode, currency, mic } = terms;
  return {
    ...isin === null ? {} : { isin },
    ...cusip === null ? {} : { cusip },
    ...sedol === null ? {} : { sedol },
    ...figi === null ? {} : { figi },
    ...cfiCode === null ? {} : { cfi_code: cfiCode },
    ...currency === null ? {} : { currency },
    ...mic === null ? {} : { mic },
  };
}
