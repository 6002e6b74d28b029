import { listVersions } from "./compliance.ts";
import { listGap } from "./compliance_lists.ts";
import type { PartWithout } from "./rating_parts.ts";
import type { ScreeningOutcome } from "./screening.ts";
import { significant } from "./significant.ts";

export interface ScreeningPart {
  readonly status: "ok";
  readonly decision: "block" | "review" | "pass";
  readonly hits: readonly {
    readonly list_id: string;
    readonly list_kind: string;
    readonly entry_id: string;
    readonly matched_on: string;
    readonly score: number | null;
  }[];
  readonly list_versions: Readonly<Record<string, string>>;
}

/** Hits on any list. Without a fresh sanctions list there is no answer, and so no pass. */
export function screeningPart(
  screening: ScreeningOutcome | null,
  { asOfMs, nameBlockScore }: { asOfMs: number; nameBlockScore: number },
): ScreeningPart | PartWithout {
  const gap = screening === null ? "no_list" : listGap(screening.lists, "sanctions", asOfMs);
  if (screening === null || gap !== null) return gap === "list_expired" ? EXPIRED : NO_LIST;
  const isCertain = screening.hits.some((hit) =>
    hit.kind !== "high_risk_countries" &&
    (hit.matchedOn !== "name" || hit.score >= nameBlockScore)
  );
  return {
    status: "ok",
    decision: isCertain ? "block" : screening.hits.length > 0 ? "review" : "pass",
    hits: screening.hits.map((hit) => ({
      list_id: hit.listId,
      list_kind: hit.kind,
      entry_id: hit.entryId,
      matched_on: hit.matchedOn,
      score: significant(hit.score),
    })),
    list_versions: listVersions(screening),
  };
}

const NO_LIST: PartWithout = {
  status: "not_evaluated",
  reason: {
    code: "list_unavailable",
    detail: "No sanctions list is loaded. Put one to /v1/lists/{id}, or ask the operator for one",
  },
};

const EXPIRED: PartWithout = {
  status: "not_evaluated",
  reason: {
    code: "list_unavailable",
    detail: "The sanctions list was loaded more than 72 hours ago. Load a current one",
  },
};
