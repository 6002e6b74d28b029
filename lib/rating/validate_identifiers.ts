import { accept, type Result } from "../domain/result.ts";
import { currency } from "../domain/rating/currency_registry.ts";
import {
  checkIdentifier,
  detectIdentifier,
  IDENTIFIER_TYPES,
} from "../domain/rating/identifiers.ts";
import { isMicForm, mic } from "../domain/rating/mic_registry.ts";
import { parseBody } from "./parse_body.ts";
import type { RatingProblem } from "./problems.ts";
import { IdentifiersSchema } from "./schemas.ts";

export interface IdentifierVerdict {
  readonly type: string | null;
  readonly value: string;
  readonly valid: boolean;
  /** `format_invalid`, `checksum_invalid`, `unregistered`, `withdrawn` or `unknown_type`. */
  readonly code: string | null;
  readonly detail: string | null;
  /** What the registries know: market or currency facts. */
  readonly registry: Readonly<Record<string, string | number | null>> | null;
}

/** Checks identifiers of instruments, issuers, markets and currencies. Free of charge. */
export function validateIdentifiers(
  body: unknown,
): Result<{ readonly results: readonly IdentifierVerdict[] }, RatingProblem> {
  const parsed = parseBody(IdentifiersSchema, body);
  if (!parsed.ok) return parsed;
  return accept({ results: parsed.value.identifiers.map(verdict) });
}

function verdict(
  { type, value }: { type?: string | undefined; value: string },
): IdentifierVerdict {
  if (type === "mic") return micVerdict(value);
  if (type === "currency") return currencyVerdict(value);
  const known = IDENTIFIER_TYPES.find((candidate) => candidate === type) ?? detectIdentifier(value);
  if (known === null) {
    return invalid(null, value, {
      code: "unknown_type",
      detail: "No kind of identifier has this form and check digit. Name a type to learn more",
    });
  }
  const checked = checkIdentifier(known, value);
  return checked.ok ? valid(known, value) : invalid(known, value, checked.error);
}

function micVerdict(value: string): IdentifierVerdict {
  const found = mic(value);
  if (found !== null) {
    const { operatingCode, kind, country } = found;
    return { ...valid("mic", value), registry: { operating_mic: operatingCode, kind, country } };
  }
  return invalid("mic", value, {
    code: isMicForm(value) ? "unregistered" : "format_invalid",
    detail: isMicForm(value)
      ? "The code is well-formed but not in the embedded subset of ISO 10383"
      : "A market code is four capital letters or digits",
  });
}

function currencyVerdict(value: string): IdentifierVerdict {
  const found = currency(value);
  if (found === null) {
    return invalid("currency", value, {
      code: "unregistered",
      detail: "The code is not a currency of ISO 4217",
    });
  }
  const registry = { numeric: found.numeric, minor_units: found.minorUnits, status: found.status };
  if (found.status === "active") return { ...valid("currency", value), registry };
  const detail = "The currency is no longer in use";
  return { ...invalid("currency", value, { code: "withdrawn", detail }), registry };
}

function valid(type: string, value: string): IdentifierVerdict {
  return { type, value, valid: true, code: null, detail: null, registry: null };
}

function invalid(
  type: string | null,
  value: string,
  { code, detail }: { code: string; detail: string },
): IdentifierVerdict {
  return { type, value, valid: false, code, detail, registry: null };
}
