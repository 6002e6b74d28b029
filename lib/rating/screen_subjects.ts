import { accept, refuse, type Result } from "../domain/result.ts";
import { COMPLIANCE_POLICY_DEFAULT } from "../domain/rating/compliance.ts";
import type { RatingPart } from "../domain/rating/rating_parts.ts";
import { screen } from "../domain/rating/screening.ts";
import { type ScreeningPart, screeningPart } from "../domain/rating/screening_part.ts";
import type { Clock } from "../ports/clock.ts";
import type { ListCache } from "./list_cache.ts";
import { parseBody } from "./parse_body.ts";
import type { RatingProblem } from "./problems.ts";
import { ScreeningSchema } from "./schemas.ts";

export interface ScreeningAnswer {
  readonly body: { readonly as_of: string; readonly results: readonly ScreeningPart[] };
  readonly units: ReadonlyMap<RatingPart, bigint>;
}

/** Screens subjects that are not stored. One `screening` unit for each subject. */
export async function screenSubjects(
  { tenantId, body, entitledParts }: {
    tenantId: string;
    body: unknown;
    entitledParts: ReadonlySet<string>;
  },
  deps: { readonly lists: ListCache; readonly clock: Clock },
): Promise<Result<ScreeningAnswer, RatingProblem>> {
  if (!entitledParts.has("screening")) return refuse(NOT_ENTITLED);
  const parsed = parseBody(ScreeningSchema, body);
  if (!parsed.ok) return parsed;
  const indexes = await deps.lists.indexes(tenantId);
  const asOfMs = deps.clock.nowMs();
  const { nameBlockScore } = COMPLIANCE_POLICY_DEFAULT;
  const results: ScreeningPart[] = [];
  for (const { names, isin, lei, country } of parsed.value.subjects) {
    const outcome = screen({
      names: names ?? [],
      isins: isin === undefined ? [] : [isin],
      leis: lei === undefined ? [] : [lei],
      countries: country === undefined ? [] : [country],
    }, indexes);
    const part = screeningPart(outcome, { asOfMs, nameBlockScore });
    if (part.status !== "ok") return refuse(part.reason ?? LIST_UNAVAILABLE);
    results.push(part);
  }
  return accept({
    body: { as_of: new Date(asOfMs).toISOString(), results },
    units: new Map([["screening", BigInt(results.length)]]),
  });
}

const NOT_ENTITLED: RatingProblem = {
  code: "not_entitled",
  detail: "The plan does not include screening. Change the plan",
  missingEntitlements: ["screening"],
};

const LIST_UNAVAILABLE: RatingProblem = {
  code: "list_unavailable",
  detail: "No current sanctions list is loaded",
};
