import type { MoneyDraft, MoneyFormKind } from "@/components/operator/money/money_model.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { parseSignedMinor, parseSignedUnits } from "./parse_amounts.ts";

export const MONEY_FORMS: readonly MoneyFormKind[] = ["credit", "adjustment", "correction"];

/** What the forms of the page hold when nothing was typed. */
export function blankDraft(periodId: string): MoneyDraft {
  return {
    name: "",
    category: "promotional",
    amount: "",
    expires: "",
    period: periodId,
    note: "",
    line: "",
    units: "",
    reason: "",
  };
}

export function readDraft(form: URLSearchParams, periodId: string): MoneyDraft {
  const text = (name: keyof MoneyDraft) => (form.get(name) ?? "").trim();
  // People type, and our own hints show, a minus as typographers know it.
  const signed = (name: keyof MoneyDraft) => text(name).replace(/^\u2212/, "-");
  return {
    name: text("name"),
    category: text("category") === "paid" ? "paid" : "promotional",
    amount: signed("amount"),
    expires: text("expires"),
    period: text("period") || periodId,
    note: text("note"),
    line: text("line"),
    units: signed("units"),
    reason: text("reason"),
  };
}

export interface CreditWanted {
  readonly name: string;
  readonly category: "paid" | "promotional";
  readonly amountMinor: bigint;
  readonly expiresAtMs: number | null;
}

const NAME_LETTERS_MAX = 100;
const REASON_LETTERS_MAX = 500;
const DAY_MS = 86_400_000;

/** Errors point at the field that is wrong. */
export function parseCredit(
  { name, category, amount, expires }: MoneyDraft,
  { currency, nowMs }: { readonly currency: string; readonly nowMs: number },
): Result<CreditWanted> {
  if (name === "" || name.length > NAME_LETTERS_MAX) {
    return wrong(
      "name",
      `A name of at most ${NAME_LETTERS_MAX} characters, as the tenant reads it`,
    );
  }
  const amountMinor = parseSignedMinor(amount, currency);
  if (!amountMinor.ok) return wrong("amount", amountMinor.error.detail);
  if (amountMinor.value <= 0n) return wrong("amount", "A credit is a positive amount");
  if (expires === "") {
    return accept({ name, category, amountMinor: amountMinor.value, expiresAtMs: null });
  }
  // A credit that expires on a day is good until that day is over.
  const expiresAtMs = Date.parse(`${expires}T00:00:00Z`) + DAY_MS;
  if (!(expiresAtMs > nowMs)) return wrong("expires", "A credit expires in the future or never");
  return accept({ name, category, amountMinor: amountMinor.value, expiresAtMs });
}

export interface AdjustmentWanted {
  readonly amountMinor: bigint;
  readonly periodId: string;
  readonly note: string;
}

export function parseAdjustment(
  { amount, period, note }: MoneyDraft,
  { currency }: { readonly currency: string },
): Result<AdjustmentWanted> {
  const amountMinor = parseSignedMinor(amount, currency);
  if (!amountMinor.ok) return wrong("amount", amountMinor.error.detail);
  if (amountMinor.value === 0n) return wrong("amount", "An adjustment is not zero");
  if (note === "" || note.length > REASON_LETTERS_MAX) {
    return wrong("note", `Say why, in at most ${REASON_LETTERS_MAX} characters`);
  }
  return accept({ amountMinor: amountMinor.value, periodId: period, note });
}

export interface CorrectionWanted {
  readonly meter: string;
  readonly planRevision: string;
  readonly periodId: string;
  readonly units: bigint;
  readonly reason: string;
}

export function parseCorrection({ line, units, reason }: MoneyDraft): Result<CorrectionWanted> {
  const place = parseLine(line);
  if (place === null) return wrong("line", "Choose which units are wrong");
  const count = parseSignedUnits(units);
  if (!count.ok) return wrong("units", count.error.detail);
  if (count.value === 0n) return wrong("units", "A correction is not zero");
  if (reason === "" || reason.length > REASON_LETTERS_MAX) {
    return wrong("reason", `Say why, in at most ${REASON_LETTERS_MAX} characters`);
  }
  return accept({ ...place, units: count.value, reason });
}

type Line = Pick<CorrectionWanted, "meter" | "planRevision" | "periodId">;

/** One option of the form as text. */
export function lineText({ meter, planRevision, periodId }: Line): string {
  return JSON.stringify([periodId, meter, planRevision]);
}

function parseLine(text: string): Line | null {
  let parts: unknown;
  try {
    parts = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(parts) || parts.length !== 3) return null;
  const [periodId, meter, planRevision]: unknown[] = parts;
  if (typeof periodId !== "string" || typeof meter !== "string") return null;
  return typeof planRevision === "string" ? { meter, planRevision, periodId } : null;
}

function wrong(field: keyof MoneyDraft, detail: string): Result<never> {
  return refuse({ code: "invalid_field", detail, pointer: `/${field}` });
}
