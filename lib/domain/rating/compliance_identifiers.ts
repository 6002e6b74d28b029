import type { ComplianceInput, ComplianceReport, ComplianceRule } from "./compliance.ts";
import { currency } from "./currency_registry.ts";
import { checkIdentifier, type IdentifierType, isinHolds } from "./identifiers.ts";
import { isMicForm, mic } from "./mic_registry.ts";

/** ID.* and CCY.*: are the instrument's codes well-formed, in agreement and registered. */
export const identifierRules: readonly ComplianceRule[] = [checkDigits, agreement, market, money];

function checkDigits({ instrument }: ComplianceInput, report: ComplianceReport): void {
  checkOne("isin", instrument.isin, report);
  checkOne("cusip", instrument.cusip, report);
  checkOne("sedol", instrument.sedol, report);
  checkOne("figi", instrument.figi, report);
  checkOne("lei", instrument.issuer?.lei ?? null, report);
}

function checkOne(type: IdentifierType, value: string | null, report: ComplianceReport): void {
  if (value === null) return;
  const checked = checkIdentifier(type, value);
  if (checked.ok) return;
  const code = checked.error.code === "checksum_invalid"
    ? "ID.CHECKSUM_INVALID"
    : "ID.FORMAT_INVALID";
  report.flag(code, {
    severity: "critical",
    observed: value,
    unit: type,
    message: checked.error.detail,
  });
}

function agreement({ instrument }: ComplianceInput, report: ComplianceReport): void {
  const { isin, cusip, sedol } = instrument;
  if (isin === null) return;
  if (cusip !== null && isinHolds(isin, { type: "cusip", value: cusip }) === false) {
    mismatch(report, { isin, other: cusip });
  }
  if (sedol !== null && isinHolds(isin, { type: "sedol", value: sedol }) === false) {
    mismatch(report, { isin, other: sedol });
  }
}

function mismatch(report: ComplianceReport, codes: { isin: string; other: string }): void {
  report.flag("ID.MISMATCH", {
    severity: "high",
    observed: codes.other,
    threshold: codes.isin,
    message: `The ISIN ${codes.isin} does not contain ${codes.other}`,
  });
}

function market({ instrument }: ComplianceInput, report: ComplianceReport): void {
  const code = instrument.mic;
  if (code === null) return report.skip("ID.MIC_UNKNOWN", "no_mic");
  if (mic(code) !== null) return;
  report.flag("ID.MIC_UNKNOWN", {
    severity: "warning",
    observed: code,
    message: isMicForm(code)
      ? `${code} is not among the markets that are registered here`
      : `${code} is not a market code: four capital letters or digits`,
  });
}

function money({ instrument }: ComplianceInput, report: ComplianceReport): void {
  const code = instrument.currency;
  if (code === null) {
    report.skip("CCY.UNKNOWN", "no_currency");
    return report.skip("CCY.WITHDRAWN", "no_currency");
  }
  const found = currency(code);
  if (found === null) {
    report.flag("CCY.UNKNOWN", {
      severity: "high",
      observed: code,
      message: `${code} is not a currency of ISO 4217`,
    });
  } else if (found.status === "withdrawn") {
    report.flag("CCY.WITHDRAWN", {
      severity: "high",
      observed: code,
      message: `${code} is no longer a currency`,
    });
  }
}
