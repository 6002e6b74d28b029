import { checkOperatorToken } from "@/lib/auth/operator_token.ts";
import type { Result } from "@/lib/domain/result.ts";
import type { ApiContext } from "./define.ts";

const PROXY_HEADERS: readonly string[] = ["forwarded", "via", "x-forwarded-for", "x-real-ip"];

/** Who acts as operator, by the bearer token. Errors: those of `checkOperatorToken`. */
export function operatorOf({ req, state }: ApiContext): Result<{ readonly operatorId: string }> {
  return checkOperatorToken(req.headers.get("authorization"), state.services.operatorToken);
}

/**
 * A scraper on this machine needs no token. A proxy on this machine looks just like one, but says
 * whom it speaks for.
 */
export function isLocalScraper({ req, state: { ip } }: ApiContext): boolean {
  const isLoopback = ip === "::1" || ip.startsWith("127.") || ip === "::ffff:127.0.0.1";
  return isLoopback && !PROXY_HEADERS.some((name) => req.headers.has(name));
}
