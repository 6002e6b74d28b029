import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { hashSecret, sameSecret } from "./secret.ts";
import type { OperatorStanding } from "./session.ts";

/** Who acts on the operator API: whoever holds the one operator token. */
export const TOKEN_OPERATOR_ID = "operator";

const MARK_LETTERS = 16;

/** Operators are who holds the token, and the people on the list (lowercase addresses). */
export function operatorStanding(
  { operatorToken, operatorEmails }: {
    readonly operatorToken: string;
    readonly operatorEmails: readonly string[];
  },
): OperatorStanding {
  return {
    isOperator: (operatorId) =>
      operatorId === TOKEN_OPERATOR_ID || operatorEmails.includes(operatorId),
    tokenMark: hashSecret(`operator session:${operatorToken}`).slice(0, MARK_LETTERS),
  };
}

/** Judges `Authorization: Bearer …`. Errors: `missing_credential`, `invalid_credential`. */
export function checkOperatorToken(
  authorization: string | null,
  token: string,
): Result<{ readonly operatorId: string }> {
  const given = /^Bearer (\S+)$/i.exec(authorization ?? "")?.[1];
  if (given === undefined) {
    const detail = "Send the operator token as Authorization: Bearer <token>";
    return refuse({ code: "missing_credential", detail });
  }
  if (!sameSecret(given, token)) {
    return refuse({ code: "invalid_credential", detail: "This is not the operator token" });
  }
  return accept({ operatorId: TOKEN_OPERATOR_ID });
}
