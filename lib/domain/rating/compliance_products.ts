import type { ComplianceInput, ComplianceReport, ComplianceRule } from "./compliance.ts";
import { formatCivilDay } from "./civil_day.ts";
import { significant } from "./significant.ts";

/** PROD.*, CONC.*, INSTR.*, LIQ.*, CREDIT.* and DATA.*. */
export const productRules: readonly ComplianceRule[] = [
  mandate,
  targetMarket,
  concentration,
  life,
  spread,
  volume,
  credit,
  history,
];

function mandate({ sri, policy }: ComplianceInput, report: ComplianceReport): void {
  if (policy.sriMax === null) return report.skip("PROD.SRI_ABOVE_MANDATE", "no_mandate");
  if (sri === null) return report.skip("PROD.SRI_ABOVE_MANDATE", "no_risk_score");
  if (sri <= policy.sriMax) return;
  report.flag("PROD.SRI_ABOVE_MANDATE", {
    severity: "high",
    observed: sri,
    threshold: policy.sriMax,
    unit: "class",
    message: "The risk class is above what the mandate permits",
  });
}

function targetMarket({ instrument }: ComplianceInput, report: ComplianceReport): void {
  if (instrument.isNegativeTargetMarket === null) {
    return report.skip("PROD.TARGET_MARKET", "no_target_market");
  }
  if (!instrument.isNegativeTargetMarket) return;
  report.flag("PROD.TARGET_MARKET", {
    severity: "high",
    message: "The clients belong to the product's negative target market",
  });
}

function concentration({ facts, policy }: ComplianceInput, report: ComplianceReport): void {
  if (policy.issuerShareMax === null) return report.skip("CONC.ISSUER_LIMIT", "no_limit");
  const { issuerPositionValue, portfolioValue } = facts;
  if (issuerPositionValue === null || portfolioValue === null) {
    return report.skip("CONC.ISSUER_LIMIT", "no_portfolio");
  }
  const observed = issuerPositionValue / portfolioValue;
  if (observed <= policy.issuerShareMax) return;
  report.flag("CONC.ISSUER_LIMIT", {
    severity: "high",
    observed: significant(observed),
    threshold: policy.issuerShareMax,
    unit: "fraction",
    message: "The share of this issuer in the portfolio is above the limit",
  });
}

function life({ instrument, asOfDay }: ComplianceInput, report: ComplianceReport): void {
  const { bond, option, issueDay } = instrument;
  if (bond !== null && bond.maturityDay <= asOfDay) {
    flagDay(report, { code: "INSTR.MATURED", day: bond.maturityDay, message: "It has matured" });
  }
  if (option !== null && option.expirationDay < asOfDay) {
    flagDay(report, {
      code: "INSTR.EXPIRED",
      day: option.expirationDay,
      message: "It has expired",
    });
  }
  if (issueDay !== null && issueDay > asOfDay) {
    flagDay(report, { code: "INSTR.NOT_ISSUED", day: issueDay, message: "It is not issued yet" });
  }
}

function flagDay(
  report: ComplianceReport,
  { code, day, message }: { code: string; day: number; message: string },
): void {
  report.flag(code, { severity: "high", observed: formatCivilDay(day), unit: "date", message });
}

function spread({ view, policy }: ComplianceInput, report: ComplianceReport): void {
  if (view === null || view.spreadBps === null) {
    return report.skip("LIQ.WIDE_SPREAD", "no_two_sided_quote");
  }
  if (view.spreadBps <= policy.spreadBpsMax) return;
  report.flag("LIQ.WIDE_SPREAD", {
    severity: "warning",
    observed: significant(view.spreadBps),
    threshold: policy.spreadBpsMax,
    unit: "bps",
    message: "The spread between bid and ask is wide",
  });
}

function volume({ statistics, facts, policy }: ComplianceInput, report: ComplianceReport): void {
  const average = statistics?.liquidity.averageDailyVolume ?? null;
  if (facts.orderQuantity === null || average === null || average === 0) {
    return report.skip("LIQ.LOW_ADV", "no_order_quantity_or_volume");
  }
  const observed = facts.orderQuantity / average;
  if (observed <= policy.orderShareOfVolumeMax) return;
  report.flag("LIQ.LOW_ADV", {
    severity: "warning",
    observed: significant(observed),
    threshold: policy.orderShareOfVolumeMax,
    unit: "fraction",
    message: "The order is a large part of an average day's volume",
  });
}

function credit(input: ComplianceInput, report: ComplianceReport): void {
  const step = input.instrument.credit?.qualityStep ?? null;
  if (step === null) {
    if (input.assetClass !== "bond") return;
    report.skip("CREDIT.DEFAULTED", "no_credit_quality_step");
    return report.skip("CREDIT.SUB_IG", "no_credit_quality_step");
  }
  if (step === 6) {
    report.flag("CREDIT.DEFAULTED", {
      severity: "high",
      observed: step,
      threshold: 6,
      unit: "cqs",
      message: "The credit quality step is the lowest",
    });
  } else if (step >= 4) {
    report.flag("CREDIT.SUB_IG", {
      severity: "info",
      observed: step,
      threshold: 4,
      unit: "cqs",
      message: "The credit quality is below investment grade",
    });
  }
}

/** Daily returns below which a history is short: two years. */
const HISTORY_RETURNS_MIN = 504;

function history({ statistics, policy }: ComplianceInput, report: ComplianceReport): void {
  if (statistics === null) return report.skip("DATA.GAP", "no_history");
  const observations = statistics.returns.length;
  if (statistics.series.frequency !== "daily") return;
  if (observations < HISTORY_RETURNS_MIN) {
    report.flag("DATA.INSUFFICIENT_HISTORY", {
      severity: "info",
      observed: observations,
      threshold: HISTORY_RETURNS_MIN,
      unit: "returns",
      message: "The price history is shorter than two years",
    });
  }
  if (statistics.widestGapWeekdays <= policy.gapWeekdaysMax) return;
  report.flag("DATA.GAP", {
    severity: "info",
    observed: statistics.widestGapWeekdays,
    threshold: policy.gapWeekdaysMax,
    unit: "weekdays",
    message: "The price history has a gap",
  });
}
