import { formatAmount, formatMinor } from "@/lib/domain/money.ts";
import type { StatementLine } from "@/lib/domain/statement.ts";
import type { MessageKey } from "@/lib/i18n/message_key.ts";
import { type Language, languageOf, type MessageParams, translate } from "@/lib/i18n/messages.ts";
import { meterName } from "@/lib/i18n/meter_name.ts";
import type { InvoiceStatement } from "./invoice_statement.ts";

/** A statement as text in one language, ready for a page, a printer or a mail. */
export interface StatementView {
  /** BCP 47, for the document's `lang`. */
  readonly language: Language;
  readonly title: string;
  readonly facts: readonly { readonly term: string; readonly value: string }[];
  readonly columns: readonly [string, string, string, string];
  readonly lines: readonly {
    readonly lineId: string;
    readonly description: string;
    readonly quantity: string;
    readonly unitPrice: string;
    readonly amount: string;
  }[];
  readonly totals: readonly { readonly term: string; readonly value: string }[];
  readonly notes: readonly string[];
}

/** Renders a statement's words and numbers; `locale` is a BCP 47 tag such as `de-CH`. */
export function statementView(statement: InvoiceStatement, locale: string): StatementView {
  const language = languageOf(locale);
  const say = (key: MessageKey, params?: MessageParams) => translate(language, key, params);
  const { tenant, period, state, asOfMs, invoiceId, planName } = statement;
  const { currency, lines, unpriced } = statement.statement;
  const minor = (amount: bigint) => formatMinor(amount, currency, locale);
  const number = new Intl.NumberFormat(locale);
  const days = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" });
  const moment = new Intl.DateTimeFormat(locale, {
    dateStyle: "medium",
    timeStyle: "short",
    timeZone: "UTC",
  });
  const tenantName = tenant.branding.displayName;
  return {
    language,
    title: say("statement_for", { tenant: tenantName }),
    facts: [
      {
        term: say("billing_period"),
        value: `${days.format(period.startMs)} – ${days.format(period.endMs - 1)}`,
      },
      { term: say("plan"), value: planName },
      { term: say("state"), value: say(`state_${state}`) },
      ...(invoiceId === null ? [] : [{ term: say("invoice"), value: invoiceId }]),
      { term: say("as_of"), value: `${moment.format(asOfMs)} UTC` },
    ],
    columns: [say("description"), say("quantity"), say("unit_price"), say("amount")],
    lines: lines.map((line) => ({
      lineId: line.lineId,
      description: lineText(language, line, planName),
      quantity: line.part === null ? "" : number.format(line.part.quantity),
      unitPrice: line.part === null ? "" : formatAmount(line.part.unitAmount, currency, locale),
      amount: minor(line.amountMinor),
    })),
    totals: [
      { term: say("subtotal"), value: minor(statement.statement.subtotalMinor) },
      ...(statement.statement.creditsMinor === 0n ? [] : [{
        term: say("prepaid_credits"),
        value: minor(-statement.statement.creditsMinor),
      }]),
      { term: say("total_due"), value: minor(statement.statement.totalMinor) },
    ],
    notes: [
      ...unpriced.map(({ meter, units }) =>
        say("unpriced_usage", { meter: meterName(language, meter), units: number.format(units) })
      ),
      say("rounding_note"),
      say("tax_note"),
      say("all_times_utc"),
    ],
  };
}

/** What a line is for, in one language. */
export function lineText(language: Language, line: StatementLine, planName: string): string {
  const { kind, part, note } = line;
  if (kind === "base_fee") return translate(language, "line_base_fee", { plan: planName });
  if (kind === "minimum_commitment") return translate(language, "line_minimum_commitment");
  if (kind === "adjustment") return translate(language, "line_adjustment", { note: note ?? "" });
  const meter = meterName(language, line.meter ?? "");
  const tier = part?.tier ?? null;
  switch (part?.kind) {
    case "included":
      return translate(language, "line_included", { meter });
    case "packages":
      return translate(language, "line_packages", { meter });
    case "flat":
      return tier === null
        ? translate(language, "line_flat", { meter })
        : translate(language, "line_tier_flat", { meter, tier });
    default:
      return tier === null
        ? translate(language, "line_units", { meter })
        : translate(language, "line_tier", { meter, tier });
  }
}
