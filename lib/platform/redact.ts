const SECRET_NAME =
  /(secret|token|password|passphrase|authorization|cookie|credential|api_?key|smtp_?url)$/i;

/** Secrets by their looks, wherever they stand: our keys, Stripe's, JWTs, bearer credentials. */
const SECRET_TEXT = new RegExp(
  [
    "\\bcm_(?:live|test)_[0-9A-Za-z]{20,}",
    "\\b(?:sk|rk)_(?:live|test)_\\w+",
    "\\bwhsec_\\w+",
    "\\beyJ[\\w-]{8,}\\.[\\w-]+\\.[\\w-]*",
    "(?<=\\b[Bb]earer )\\S+",
    "(?<=://[^/\\s:@]*:)[^/\\s@]+(?=@)",
  ].join("|"),
  "g",
);

const MAX_DEPTH = 6;
const HIDDEN = "[redacted]";

/** A copy fit for a log line: no secrets, no cycles, bigint as text, errors with their cause. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return "[deep]";
  if (value instanceof Error) return redactError(value, depth);
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      SECRET_NAME.test(name) && member !== null ? HIDDEN : redact(member, depth + 1),
    ]),
  );
}

export function redactText(text: string): string {
  return text.replaceAll(SECRET_TEXT, HIDDEN);
}

function redactError({ name, message, stack, cause }: Error, depth: number): unknown {
  return {
    name,
    message: redactText(message),
    ...(stack === undefined ? {} : { stack: redactText(stack) }),
    ...(cause === undefined ? {} : { cause: redact(cause, depth + 1) }),
  };
}
