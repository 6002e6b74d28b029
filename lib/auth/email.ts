import { z } from "zod";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";

const MAX_LETTERS = 254;
const shape = z.email();

/** An address in the one spelling that is stored: trimmed, lowercase. Error: `validation_failed`. */
export function parseEmail(text: string): Result<string> {
  const email = text.trim().toLowerCase();
  if (email.length <= MAX_LETTERS && shape.safeParse(email).success) return accept(email);
  return refuse({
    code: "validation_failed",
    detail: "This is not an e-mail address such as ada@example.com",
    pointer: "/email",
  });
}
