import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { JSON_LIMITS, type JsonLimits, parseStrictJson } from "./strict_json.ts";
import { TimeLimit } from "./time_limit.ts";

export interface BodyLimits {
  readonly maxBytes: number;
  /** From the call until the last byte: a slow sender can't hold a connection. */
  readonly timeoutMs: number;
}

const BYTES_MAX = 1_048_576;
const TIMEOUT_MS = 10_000;

const JSON_TYPES: readonly string[] = ["application/json"];
const FIELDS_MAX = 1_000;

/**
 * The raw body, never more than `maxBytes` of it. A declared length is what HTTP frames the body by,
 * so a short one is read at once; without one the body is cut off while it streams. Compressed bodies
 * are refused, so none can grow. Errors: `body_too_large`, `request_timeout`, `malformed_body`,
 * `unsupported_content_encoding`.
 */
export function readBytes(
  req: Request,
  limits: Partial<BodyLimits> = {},
): Promise<Result<Uint8Array<ArrayBuffer>>> {
  return read(req, limits, accept);
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Reads and understands a body in one step: each further one is a promise for every call. */
function read<T>(
  req: Request,
  { maxBytes = BYTES_MAX, timeoutMs = TIMEOUT_MS }: Partial<BodyLimits>,
  understand: (bytes: Bytes) => Result<T>,
): Promise<Result<T>> {
  const encoding = req.headers.get("content-encoding");
  if (encoding !== null && encoding.toLowerCase() !== "identity") {
    const detail = "Send the body without Content-Encoding";
    return Promise.resolve(refuse({ code: "unsupported_content_encoding", detail }));
  }
  const declared = req.headers.get("content-length");
  if (declared !== null && Number(declared) > maxBytes) return Promise.resolve(tooLarge(maxBytes));
  const reading = declared === null
    ? readChunks(req, maxBytes).then((bytes) => bytes.ok ? understand(bytes.value) : bytes)
    : readWhole(req, declared, understand);
  return withinTime(reading, timeoutMs);
}

/** The body as UTF-8 text of one of `types`. Errors: those of `readBytes`, `unsupported_media_type`. */
export function readText(
  req: Request,
  { types, ...limits }: Partial<BodyLimits> & { types: readonly string[] },
): Promise<Result<string>> {
  const typed = checkMediaType(req.headers.get("content-type"), types);
  return typed.ok ? read(req, limits, decodeUtf8) : Promise.resolve(typed);
}

/** The body as JSON, strictly read. Errors: those of `readText` and of `parseStrictJson`. */
export function readJson(
  req: Request,
  options: Partial<BodyLimits & JsonLimits> & { types?: readonly string[] } = {},
): Promise<Result<unknown>> {
  const { maxDepth = JSON_LIMITS.maxDepth, maxKeys = JSON_LIMITS.maxKeys } = options;
  const typed = checkMediaType(req.headers.get("content-type"), options.types ?? JSON_TYPES);
  if (!typed.ok) return Promise.resolve(typed);
  return read(req, options, (bytes) => {
    const text = decodeUtf8(bytes);
    return text.ok ? parseStrictJson(text.value, { maxDepth, maxKeys }) : text;
  });
}

/** Fields of an HTML form, `application/x-www-form-urlencoded`; for files see `readMultipart`. */
export async function readForm(
  req: Request,
  limits: Partial<BodyLimits> = {},
): Promise<Result<URLSearchParams>> {
  const types = ["application/x-www-form-urlencoded"];
  const text = await readText(req, { ...limits, types });
  if (!text.ok) return text;
  const form = new URLSearchParams(text.value);
  if (form.size > FIELDS_MAX) return tooManyFields();
  return accept(form);
}

/** Text fields and files of a form; a file that was not chosen is absent. */
export interface FormParts {
  readonly fields: URLSearchParams;
  readonly files: ReadonlyMap<string, File>;
}

/** A form with files, `multipart/form-data`. Errors: those of `readBytes`, `malformed_form`. */
export async function readMultipart(
  req: Request,
  limits: Partial<BodyLimits> = {},
): Promise<Result<FormParts>> {
  const type = req.headers.get("content-type") ?? "";
  const typed = checkMediaType(type, ["multipart/form-data"]);
  if (!typed.ok) return typed;
  const bytes = await readBytes(req, limits);
  if (!bytes.ok) return bytes;
  if (!endsWhole(bytes.value, type)) return unreadableForm();
  const fields = new URLSearchParams();
  const files = new Map<string, File>();
  try {
    const answer = new Response(bytes.value, { headers: { "content-type": type } });
    for (const [name, value] of await answer.formData()) {
      if (typeof value === "string") fields.append(name, value);
      else if (value.size > 0) files.set(name, value);
    }
  } catch {
    return unreadableForm();
  }
  if (fields.size > FIELDS_MAX) return tooManyFields();
  return accept({ fields, files });
}

/** The parser takes a form without its end for a whole one: half a list must not pass for a list. */
function endsWhole(bytes: Uint8Array, contentType: string): boolean {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return false;
  const end = `--${boundary}--`;
  const tail = new TextDecoder("latin1").decode(bytes.subarray(-(end.length + 2)));
  return tail.trimEnd().endsWith(end);
}

/** The media type must be one of `types`; the only charset is UTF-8.  */
export function checkMediaType(
  header: string | null,
  types: readonly string[],
): Result<string> {
  // What nearly every call sends.
  if (header === "application/json" && types.includes(header)) return accept(header);
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

/** Without a look at `req.body`, which would make a stream of it: several times faster. */
function readWhole<T>(
  req: Request,
  declared: string,
  understand: (bytes: Bytes) => Result<T>,
): Promise<Result<T>> {
  return req.bytes().then(
    (bytes) => bytes.byteLength === Number(declared) ? understand(bytes) : brokenOff(),
    brokenOff,
  );
}

async function readChunks(
  { body }: Request,
  maxBytes: number,
): Promise<Result<Bytes>> {
  if (body === null) return accept(new Uint8Array());
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.byteLength;
      // Leaving the loop cancels the stream.
      if (size > maxBytes) return tooLarge(maxBytes);
      chunks.push(chunk);
    }
    return accept(join(chunks, size));
  } catch {
    return brokenOff();
  }
}

/** One for each time that is allowed, of which there are few. */
const timeLimits = new Map<number, TimeLimit>();

function withinTime<T>(reading: Promise<Result<T>>, timeoutMs: number): Promise<Result<T>> {
  let limit = timeLimits.get(timeoutMs);
  if (limit === undefined) timeLimits.set(timeoutMs, limit = new TimeLimit(timeoutMs));
  return limit.hold<Result<T>>(reading, () => {
    const detail = `The body did not arrive within ${timeoutMs / 1000} s`;
    return refuse({ code: "request_timeout", detail });
  });
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Bytes): Result<string> {
  try {
    return accept(UTF8.decode(bytes));
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

function brokenOff(): Result<never> {
  return refuse({ code: "malformed_body", detail: "The body ended before it was complete" });
}

function unreadableForm(): Result<never> {
  return refuse({ code: "malformed_form", detail: "The form can't be read" });
}

function tooManyFields(): Result<never> {
  return refuse({ code: "malformed_form", detail: `The form has more than ${FIELDS_MAX} fields` });
}

function tooLarge(maxBytes: number): Result<never> {
  return refuse({ code: "body_too_large", detail: `The body may have at most ${maxBytes} bytes` });
}
