import { RATING_PARTS, type RatingPart } from "../domain/rating/rating_parts.ts";
import { IDENTIFIER_LENGTH_MAX, IDENTIFIER_LETTERS, type RatingRequest } from "./schemas.ts";

/**
 * What nearly every call and every item of a batch sends: a stored instrument by its id, and perhaps
 * the parts that it asks for. Reading it here takes a tenth of what the schema takes. `null` leaves
 * everything else to the schema, and with it every refusal.
 */
export function plainRequest(body: unknown): RatingRequest | null {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return null;
  let instrument: unknown;
  let include: unknown;
  for (const [name, value] of Object.entries(body)) {
    if (name === "instrument") instrument = value;
    else if (name === "include") include = value;
    else return null;
  }
  if (typeof instrument !== "string" || !isIdentifier(instrument)) return null;
  if (include === undefined) return { instrument };
  return isPartList(include) ? { instrument, include } : null;
}

function isIdentifier(text: string): boolean {
  return text.length <= IDENTIFIER_LENGTH_MAX && IDENTIFIER_LETTERS.test(text);
}

const PARTS: ReadonlySet<unknown> = new Set(RATING_PARTS);

function isPartList(value: unknown): value is RatingPart[] {
  return Array.isArray(value) && value.length > 0 && value.length <= RATING_PARTS.length &&
    value.every((part) => PARTS.has(part));
}
