import { z } from "zod";
import { StripeRefusal } from "./refusal.ts";

/** Form values are text; these read them as what Stripe says they are. */
export const text = (max: number) => z.string().max(max);
export const requiredText = (max: number) => z.string().min(1).max(max);
export const integer = () => z.string().regex(/^-?\d{1,15}$/, "integer").transform(Number);
export const unixTime = () => z.string().regex(/^\d{1,11}$/, "timestamp").transform(Number);
export const boolean = () => z.enum(["true", "false"]).transform((value) => value === "true");
export const decimal = () => z.string().regex(/^-?\d{1,14}(\.\d{1,12})?$/, "decimal");
export const metadata = () => z.record(z.string().max(40), z.string().max(500));
export const expand = () => z.array(z.string()).optional();
export const page = {
  limit: z.string().regex(/^([1-9]|[1-9]\d|100)$/, "integer").transform(Number).optional(),
  starting_after: z.string().optional(),
  ending_before: z.string().optional(),
  expand: expand(),
};

/** Refuses unknown, missing and wrong parameters with Stripe's codes. */
export function readParams<T extends z.ZodType>(schema: T, raw: unknown): z.output<T> {
  const read = schema.safeParse(raw);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  const path = issue?.path.map(String) ?? [];
  if (issue?.code === "unrecognized_keys") {
    const unknown = issue.keys.map((key) => paramName([...path, key]));
    throw refused(
      `Received unknown parameter${unknown.length > 1 ? "s" : ""}: ${unknown.join(", ")}`,
      "parameter_unknown",
      unknown[0] ?? "",
    );
  }
  const param = paramName(path);
  if (valueAt(raw, path) === undefined) {
    throw refused(`Missing required param: ${param}.`, "parameter_missing", param);
  }
  if (issue?.message === "integer" || issue?.message === "timestamp") {
    const value = String(valueAt(raw, path));
    throw refused(`Invalid integer: ${value}`, "parameter_invalid_integer", param);
  }
  throw refused(`Invalid ${param}: ${issue?.message ?? "not understood"}`, null, param);
}

function refused(message: string, code: string | null, param: string): StripeRefusal {
  return new StripeRefusal(message, { ...(code === null ? {} : { code }), param, beforeRun: true });
}

function paramName(path: readonly string[]): string {
  const [first = "", ...rest] = path;
  return first + rest.map((part) => `[${part}]`).join("");
}

function valueAt(raw: unknown, path: readonly string[]): unknown {
  let at = raw;
  for (const part of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = Object.entries(at).find(([key]) => key === part)?.[1];
  }
  return at;
}
