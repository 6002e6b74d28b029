import { accept, refuse, type Result } from "@/lib/domain/result.ts";

/** `?limit=`, within bounds. Error: `invalid_query`. */
export function parseLimit(
  text: string | null,
  { fallback, most }: { fallback: number; most: number },
): Result<number> {
  if (text === null || text === "") return accept(fallback);
  const limit = Number(text);
  if (/^\d{1,6}$/.test(text) && limit >= 1 && limit <= most) return accept(limit);
  const detail = `"limit" must be a whole number from 1 to ${most}`;
  return refuse({ code: "invalid_query", detail, pointer: "/limit" });
}
