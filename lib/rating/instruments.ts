import { accept, refuse, type Result } from "../domain/result.ts";
import { checkIsin } from "../domain/rating/identifiers.ts";
import type { Clock } from "../ports/clock.ts";
import type {
  InstrumentRecord,
  InstrumentStore,
  Stamped,
  WriteCondition,
} from "../ports/rating.ts";
import type { ListCache } from "./list_cache.ts";
import { parseBody } from "./parse_body.ts";
import type { RatingProblem } from "./problems.ts";
import type { RatingCache } from "./rating_cache.ts";
import { InstrumentIdSchema, type InstrumentTerms, InstrumentTermsSchema } from "./schemas.ts";
import { screenedOutcome } from "./screened_outcome.ts";
import { toInstrument } from "./to_domain.ts";

export interface InstrumentDeps {
  readonly instruments: InstrumentStore;
  readonly lists: ListCache;
  readonly cache: RatingCache;
  readonly clock: Clock;
}

export async function getInstrument(
  { tenantId, instrumentId }: { tenantId: string; instrumentId: string },
  deps: Pick<InstrumentDeps, "instruments">,
): Promise<Result<Stamped<InstrumentRecord>, RatingProblem>> {
  const found = await deps.instruments.instrument(tenantId, instrumentId);
  return found === null ? refuse(notFound(instrumentId)) : accept(found);
}

/**
 * Stores terms under an id and screens them at once. Where the id has the form of an ISIN it must
 * be a right one, and agree with the terms.
 */
export async function putInstrument(
  request: { tenantId: string; instrumentId: string; body: unknown } & WriteCondition,
  deps: InstrumentDeps,
): Promise<Result<{ version: string }, RatingProblem>> {
  const { tenantId, instrumentId } = request;
  const id = parseBody(InstrumentIdSchema, instrumentId);
  if (!id.ok) return id;
  const terms = parseBody(InstrumentTermsSchema, request.body);
  if (!terms.ok) return terms;
  const refusal = identityRefusal(instrumentId, terms.value);
  if (refusal !== null) return refuse(refusal);
  const outcome = await deps.instruments.putInstrument(tenantId, {
    instrumentId,
    terms: terms.value,
    updatedAtMs: deps.clock.nowMs(),
  }, conditionOf(request));
  deps.cache.forget(tenantId, instrumentId);
  if (!outcome.ok) return refuse(VERSION_MISMATCH);
  await screenedOutcome(deps.instruments, {
    tenantId,
    instrumentId,
    instrument: toInstrument(terms.value),
    instrumentVersion: outcome.version,
    indexes: await deps.lists.indexes(tenantId),
  });
  return accept({ version: outcome.version });
}

export function notFound(instrumentId: string): RatingProblem {
  return {
    code: "instrument_not_found",
    detail: `No instrument is stored under ${instrumentId}. Put its terms first`,
  };
}

export const VERSION_MISMATCH: RatingProblem = {
  code: "version_mismatch",
  detail: "The stored version differs from If-Match. Read it again and decide anew",
};

export function conditionOf({ ifVersion }: WriteCondition): WriteCondition {
  return ifVersion === undefined ? {} : { ifVersion };
}

function identityRefusal(instrumentId: string, terms: InstrumentTerms): RatingProblem | null {
  if (!/^[A-Z]{2}[A-Z0-9]{9}[0-9]$/.test(instrumentId)) return null;
  const checked = checkIsin(instrumentId);
  if (!checked.ok && terms.figi !== instrumentId) {
    return { code: "validation_failed", detail: checked.error.detail };
  }
  if (terms.isin === undefined || terms.isin === instrumentId) return null;
  return {
    code: "validation_failed",
    detail: `The terms name the ISIN ${terms.isin}, the path ${instrumentId}`,
    pointer: "/isin",
  };
}
