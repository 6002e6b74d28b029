import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { JSON_LIMITS, type JsonLimits, parseStrictJson } from "./strict_json.ts";

export interface BodyLimits {
  readonly maxBytes: number;
  /** From the call until the last byte: a slow sender can't hold a connection. */
  readonly timeoutMs: number;
}

export const BODY_LIMITS: BodyLimits = { maxBytes: 1_048_576, timeoutMs: 10_000 };

const JSON_TYPES: readonly string[] = ["application/json"];

/**
 * The raw body, cut off while it streams in: `Content-Length` is not trusted. Compressed bodies are
 * refused, so none can grow. Errors: `body_too_large`, `request_timeout`, `malformed_body`,
 * `unsupported_content_encoding`.
 */
export async function readBytes(
  req: Request,
  limits: Partial<BodyLimits> = {},
): Promise<Result<Uint8Array<ArrayBuffer>>> {
  const { maxBytes, timeoutMs } = { ...BODY_LIMITS, ...limits };
  const encoding = req.headers.get("content-encoding");
  if (encoding !== null && encoding.toLowerCase() !== "identity") {
    const detail = "Send the body without Content-Encoding";
    return refuse({ code: "unsupported_content_encoding", detail });
  }
  if (Number(req.headers.get("content-length") ?? 0) > maxBytes) return tooLarge(maxBytes);
  if (req.body === null) return accept(new Uint8Array());
  const reader = req.body.getReader();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    reader.cancel().catch(() => {});
  }, timeoutMs);
  try {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      size += chunk.value.byteLength;
      if (size > maxBytes) {
        reader.cancel().catch(() => {});
        return tooLarge(maxBytes);
      }
      chunks.push(chunk.value);
    }
    if (late) {
      const detail = `The body did not arrive within ${timeoutMs / 1000} s`;
      return refuse({ code: "request_timeout", detail });
    }
    return accept(join(chunks, size));
  } catch {
    return refuse({ code: "malformed_body", detail: "The body ended before it was complete" });
  } finally {
    clearTimeout(timer);
  }
}

/** The body as UTF-8 text of one of `types`. Errors: those of `readBytes`, `unsupported_media_type`. */
export async function readText(
  req: Request,
  { types, ...limits }: Partial<BodyLimits> & { types: readonly string[] },
): Promise<Result<string>> {
  const typed = checkMediaType(req.headers.get("content-type"), types);
  if (!typed.ok) return typed;
  const bytes = await readBytes(req, limits);
  return bytes.ok ? decodeUtf8(bytes.value) : bytes;
}

/** The body as JSON, strictly read. Errors: those of `readText` and of `parseStrictJson`. */
export async function readJson(
  req: Request,
  options: Partial<BodyLimits & JsonLimits> & { types?: readonly string[] } = {},
): Promise<Result<unknown>> {
  const text = await readText(req, { ...options, types: options.types ?? JSON_TYPES });
  return text.ok ? parseStrictJson(text.value, { ...JSON_LIMITS, ...options }) : text;
}

/** Fields of an HTML form, `application/x-www-form-urlencoded`; files go through `readBytes`. */
export async function readForm(
  req: Request,
  limits: Partial<BodyLimits> = {},
): Promise<Result<URLSearchParams>> {
  const types = ["application/x-www-form-urlencoded"];
  const text = await readText(req, { ...limits, types });
  if (!text.ok) return text;
  const form = new URLSearchParams(text.value);
  if (form.size > 1_000) {
    return refuse({ code: "malformed_form", detail: "The form has more than 1,000 fields" });
  }
  return accept(form);
}

/** The media type must be one of `types`; the only charset is UTF-8.  */
export function checkMediaType(
  header: string | null,
  types: readonly string[],
): Result<string> {
  const [type = "", ...parameters] = (header ?? "").toLowerCase().split(";").map((part) =>
    part.trim()
  );
  if (!types.includes(type)) {
    const detail = `Send Content-Type: ${types.join(" or ")}, not ${JSON.stringify(header ?? "")}`;
    return refuse({ code: "unsupported_media_type", detail });
  }
  const charset = parameters.find((parameter) => parameter.startsWith("charset="));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) {
    return refuse({ code: "unsupported_media_type", detail: "Send the body as UTF-8" });
  }
  return accept(type);
}

function decodeUtf8(bytes: Uint8Array<ArrayBuffer>): Result<string> {
  try {
    return accept(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return refuse({ code: "malformed_body", detail: "The body is not valid UTF-8" });
  }
}

function join(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

function tooLarge(maxBytes: number): Result<never> {
  return refuse({ code: "body_too_large", detail: `The body may have at most ${maxBytes} bytes` });
}
