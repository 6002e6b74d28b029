import { checkOperatorToken } from "@/lib/auth/operator_token.ts";
import type { Result } from "@/lib/domain/result.ts";
import type { ApiContext } from "./define.ts";

/** Who acts as operator, by the bearer token. Errors: those of `checkOperatorToken`. */
export function operatorOf({ req, state }: ApiContext): Result<{ readonly operatorId: string }> {
  return checkOperatorToken(req.headers.get("authorization"), state.services.operatorToken);
}

/** For scrapers on the same machine. */
export function isLoopback(ip: string): boolean {
  return ip === "::1" || ip.startsWith("127.") || ip === "::ffff:127.0.0.1";
}
