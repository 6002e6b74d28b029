import type { CivilDay } from "./civil_day.ts";
import { identifierRules } from "./compliance_identifiers.ts";
import { listRules } from "./compliance_lists.ts";
import { priceRules } from "./compliance_prices.ts";
import { productRules } from "./compliance_products.ts";
import type { AssetClass, Instrument } from "./instrument.ts";
import type { QuoteView } from "./quote.ts";
import type { ScreeningOutcome } from "./screening.ts";
import type { SeriesStatistics } from "./series_statistics.ts";

export type Severity = "info" | "warning" | "high" | "critical";

export interface ComplianceFlag {
  /** `DOMAIN.CONDITION`, stable for ever. */
  readonly code: string;
  readonly severity: Severity;
  readonly rule_id: string;
  readonly rule_version: string;
  readonly observed: number | string | null;
  readonly threshold: number | string | null;
  readonly unit: string | null;
  readonly message: string;
  readonly evidence: readonly string[];
}

export interface CompliancePart {
  readonly status: "ok";
  readonly decision: "block" | "review" | "pass";
  readonly flags: readonly ComplianceFlag[];
  /** Rules that could not be decided; `not_evaluated_reasons` says why, by code. */
  readonly not_evaluated: readonly string[];
  readonly not_evaluated_reasons: Readonly<Record<string, string>>;
  readonly list_versions: Readonly<Record<string, string>>;
}

/** Limits a tenant may set; the defaults are ours, not a regulator's. */
export interface CompliancePolicy {
  /** Null takes the asset class's own. */
  readonly priceAgeMaxMs: number | null;
  readonly outlierSigmas: number;
  readonly spreadBpsMax: number;
  readonly orderShareOfVolumeMax: number;
  readonly sriMax: number | null;
  readonly issuerShareMax: number | null;
  readonly allowsNonPositivePrices: boolean;
  readonly nameBlockScore: number;
  readonly gapWeekdaysMax: number;
}

export const COMPLIANCE_POLICY_DEFAULT: CompliancePolicy = {
  priceAgeMaxMs: null,
  outlierSigmas: 4,
  spreadBpsMax: 200,
  orderShareOfVolumeMax: 0.2,
  sriMax: null,
  issuerShareMax: null,
  allowsNonPositivePrices: false,
  nameBlockScore: 0.95,
  gapWeekdaysMax: 5,
};

/** Facts about market and portfolio that only the caller knows; null is unknown. */
export interface ComplianceFacts {
  readonly averageDailyTransactions: number | null;
  readonly previousClose: number | null;
  readonly luldReferencePrice: number | null;
  readonly luldTier: 1 | 2 | null;
  readonly isNmsStock: boolean | null;
  readonly orderPrice: string | null;
  readonly orderQuantity: number | null;
  readonly issuerPositionValue: number | null;
  readonly portfolioValue: number | null;
}

export interface ComplianceInput {
  readonly instrument: Instrument;
  readonly assetClass: AssetClass;
  readonly view: QuoteView | null;
  readonly statistics: SeriesStatistics | null;
  readonly screening: ScreeningOutcome | null;
  /** The summary risk indicator, when one was made. */
  readonly sri: number | null;
  readonly asOfMs: number;
  readonly asOfDay: CivilDay;
  readonly policy: CompliancePolicy;
  readonly facts: ComplianceFacts;
}

/** Where rules write: a finding, or why there is none. Silence means that the rule passed. */
export interface ComplianceReport {
  flag(code: string, finding: Finding): void;
  skip(code: string, reason: string): void;
}

export interface Finding {
  readonly severity: Severity;
  readonly message: string;
  readonly observed?: number | string | null;
  readonly threshold?: number | string | null;
  readonly unit?: string;
  readonly evidence?: readonly string[];
}

export type ComplianceRule = (input: ComplianceInput, report: ComplianceReport) => void;

/** Runs every rule. An unknown input never passes: it is listed as not evaluated. */
export function compliancePart(input: ComplianceInput): CompliancePart {
  const report = new Report();
  for (const rule of RULES) rule(input, report);
  return {
    status: "ok",
    decision: decisionOf(report.flags),
    flags: report.flags,
    not_evaluated: Object.keys(report.skipped),
    not_evaluated_reasons: report.skipped,
    list_versions: listVersions(input.screening),
  };
}

/** Every rule is at its first version. */
const RULE_VERSION = "1";

export function listVersions(screening: ScreeningOutcome | null): Record<string, string> {
  const versions: Record<string, string> = {};
  for (const list of screening?.lists ?? []) versions[list.listId] = list.asOf;
  return versions;
}

const RULES: readonly ComplianceRule[] = [
  ...identifierRules,
  ...priceRules,
  ...listRules,
  ...productRules,
];

class Report implements ComplianceReport {
  readonly flags: ComplianceFlag[] = [];
  readonly skipped: Record<string, string> = {};

  flag(code: string, finding: Finding): void {
    this.flags.push({
      code,
      severity: finding.severity,
      rule_id: code.toLowerCase(),
      rule_version: RULE_VERSION,
      observed: sayable(finding.observed),
      threshold: sayable(finding.threshold),
      unit: finding.unit ?? null,
      message: finding.message,
      evidence: finding.evidence ?? [],
    });
  }

  skip(code: string, reason: string): void {
    this.skipped[code] = reason;
  }
}

/** JSON has no NaN and no Infinity. */
function sayable(value: number | string | null | undefined): number | string | null {
  return value === undefined || (typeof value === "number" && !Number.isFinite(value))
    ? null
    : value;
}

function decisionOf(flags: readonly ComplianceFlag[]): CompliancePart["decision"] {
  if (flags.some((flag) => flag.severity === "critical")) return "block";
  return flags.some((flag) => flag.severity === "high") ? "review" : "pass";
}
