import type { ComplianceInput, ComplianceReport, ComplianceRule, Severity } from "./compliance.ts";
import type { ListKind, ListVersion, ScreeningHit } from "./screening.ts";
import { significant } from "./significant.ts";

/** SANCTIONS.*, RESTRICTED.*, JURIS.* and LIST.*: from screening that was done beforehand. */
export const listRules: readonly ComplianceRule[] = [
  sanctions,
  restricted,
  embargoed,
  highRisk,
  staleness,
];

const HOUR_MS = 3_600_000;

/** A sanctions list older than this is flagged. */
const LIST_STALE_MS = 24 * HOUR_MS;

/** A sanctions list older than this decides nothing. */
const LIST_EXPIRED_MS = 72 * HOUR_MS;

/** Why a kind of list can't decide, or null when it can. */
export function listGap(
  lists: readonly ListVersion[],
  kind: ListKind,
  asOfMs: number,
): "no_list" | "list_expired" | null {
  const ofKind = lists.filter((list) => list.kind === kind);
  if (ofKind.length === 0) return "no_list";
  const isExpired = kind === "sanctions" &&
    ofKind.some((list) => asOfMs - list.loadedAtMs > LIST_EXPIRED_MS);
  return isExpired ? "list_expired" : null;
}

function sanctions(input: ComplianceInput, report: ComplianceReport): void {
  const gap = gapFor("sanctions", input);
  if (gap !== null) return report.skip("SANCTIONS.LIST_HIT", gap);
  if (!hasSubject(input)) return report.skip("SANCTIONS.LIST_HIT", "no_issuer_or_isin");
  for (const hit of hitsOf("sanctions", input)) {
    const isCertain = hit.matchedOn !== "name" || hit.score >= input.policy.nameBlockScore;
    flagHit(report, { code: "SANCTIONS.LIST_HIT", hit, severity: isCertain ? "critical" : "high" });
  }
}

function restricted(input: ComplianceInput, report: ComplianceReport): void {
  const kinds: readonly ListKind[] = ["restricted", "watch"];
  const gaps = kinds.map((kind) => gapFor(kind, input));
  if (gaps.every((gap) => gap !== null)) {
    return report.skip("RESTRICTED.LIST_HIT", gaps[0] ?? "no_list");
  }
  if (!hasSubject(input)) return report.skip("RESTRICTED.LIST_HIT", "no_issuer_or_isin");
  for (const kind of kinds) {
    for (const hit of hitsOf(kind, input)) {
      flagHit(report, { code: "RESTRICTED.LIST_HIT", hit, severity: "critical" });
    }
  }
}

function embargoed(input: ComplianceInput, report: ComplianceReport): void {
  country(input, report, { code: "JURIS.EMBARGOED", kind: "embargoed_countries" });
}

function highRisk(input: ComplianceInput, report: ComplianceReport): void {
  country(input, report, { code: "JURIS.HIGH_RISK", kind: "high_risk_countries" });
}

function country(
  input: ComplianceInput,
  report: ComplianceReport,
  { code, kind }: { code: string; kind: ListKind },
): void {
  const gap = gapFor(kind, input);
  if (gap !== null) return report.skip(code, gap);
  if ((input.instrument.issuer?.country ?? null) === null) {
    return report.skip(code, "no_issuer_country");
  }
  const severity = kind === "embargoed_countries" ? "critical" : "high";
  for (const hit of hitsOf(kind, input)) flagHit(report, { code, hit, severity });
}

function staleness({ screening, asOfMs }: ComplianceInput, report: ComplianceReport): void {
  for (const list of screening?.lists ?? []) {
    const observed = asOfMs - list.loadedAtMs;
    if (list.kind !== "sanctions" || observed <= LIST_STALE_MS) continue;
    report.flag("LIST.STALE", {
      severity: "high",
      observed,
      threshold: LIST_STALE_MS,
      unit: "ms",
      message: `The list ${list.listId} was loaded too long ago`,
      evidence: [list.listId],
    });
  }
}

function gapFor(kind: ListKind, { screening, asOfMs }: ComplianceInput): string | null {
  return screening === null ? "not_screened" : listGap(screening.lists, kind, asOfMs);
}

function hasSubject({ instrument }: ComplianceInput): boolean {
  return instrument.isin !== null || (instrument.issuer?.name ?? null) !== null ||
    (instrument.issuer?.lei ?? null) !== null;
}

function hitsOf(kind: ListKind, { screening }: ComplianceInput): readonly ScreeningHit[] {
  return screening?.hits.filter((hit) => hit.kind === kind) ?? [];
}

function flagHit(
  report: ComplianceReport,
  { code, hit, severity }: { code: string; hit: ScreeningHit; severity: Severity },
): void {
  report.flag(code, {
    severity,
    observed: significant(hit.score),
    unit: "score",
    message: `The ${hit.matchedOn} matches entry ${hit.entryId} of list ${hit.listId}`,
    evidence: [hit.listId, hit.entryId],
  });
}
