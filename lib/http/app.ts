import { App, type FreshConfig, type Middleware } from "fresh";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { Logger } from "@/lib/ports/logger.ts";
import { clientAddress } from "./client_address.ts";
import { refusalOfError, refusalOfStatus } from "./error_problem.ts";
import { NONCE } from "./kept_answer.ts";
import { problemResponse } from "./problem.ts";
import {
  FactsInfo,
  factsOf,
  isWellFormedPath,
  kindOf,
  rawPath,
  type RequestFacts,
  withReadablePath,
} from "./request_facts.ts";
import {
  apiHeaders,
  contentPolicy,
  type HeaderList,
  pageHeaders,
  type SecurityOptions,
} from "./security_headers.ts";
import type { State } from "./state.ts";

export interface ShellOptions extends SecurityOptions {
  readonly ids: Ids;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly trustProxy: boolean;
  /** Logs every API call, not only failed ones and pages. */
  readonly logCalls: boolean;
  /** Called once per answered request, for metrics. */
  readonly onAnswer?: (facts: RequestFacts, status: number, seconds: number) => void;
}

type Handler = (req: Request, info?: Deno.ServeHandlerInfo) => Promise<Response>;

const METHODS: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
]);
const SECURE = /;\s*Secure\b/i;

/** All that links and forms send. */
const PAGE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "OPTIONS"]);

/**
 * Fresh with what must hold for every answer, also for errors and unmatched paths, which skip a root
 * middleware's after-work: request id, security headers, log line, problems in JSON for machines.
 * It needs to be told its clock, ids and logger before it serves (`shell`), and works the same on
 * any Fresh 2.3, since it only wraps `handler()` and adds the first middleware.
 */
export class ClawmeterApp<S extends State = State> extends App<S> {
  #options: ShellOptions | null = null;

  constructor(config: FreshConfig = {}) {
    super(config);
    this.use(rememberErrors<S>());
  }

  /** Sets what the shell works with; before `handler()`. */
  shell(options: ShellOptions): this {
    this.#options = options;
    return this;
  }

  override handler(): Handler {
    const options = this.#options;
    if (options === null) throw new Error("Call shell() before handler()");
    return wrap(super.handler(), options);
  }
}

/** Puts the request's facts into the state, and turns what an API handler throws into a problem. */
function rememberErrors<S extends State>(): Middleware<S> {
  return (ctx) => {
    const facts = factsOf(ctx.info);
    if (facts === undefined) return ctx.next();
    ctx.state.requestId = facts.requestId;
    ctx.state.ip = facts.ip;
    ctx.state.startedAtMs = facts.startedAtMs;
    return ctx.next().catch((error) => {
      facts.error = error;
      if (facts.kind === "page") throw error;
      return errorResponse(error, facts);
    });
  };
}

function wrap(inner: Handler, options: ShellOptions): Handler {
  const headersFor = { api: apiHeaders(options), page: pageHeaders(options) };
  const { clock, ids, trustProxy } = options;

  return async (req, info) => {
    const path = rawPath(req.url);
    const facts: RequestFacts = {
      requestId: ids.next("req"),
      ip: clientAddress(req, { info, trustProxy }),
      startedAtMs: clock.nowMs(),
      path,
      kind: kindOf(path),
      error: null,
    };
    const began = performance.now();
    let answer = refuseEarly(req, facts);
    try {
      const readable = facts.kind === "page" ? withReadablePath(req) : req;
      answer ??= await inner(readable, new FactsInfo(facts, info));
    } catch (error) {
      facts.error = error;
      answer = errorResponse(error, facts);
    }
    const response = finish(answer, { facts, options, headers: headersFor[facts.kind] });
    const seconds = (performance.now() - began) / 1_000;
    options.onAnswer?.(facts, response.status, seconds);
    log(options, { facts, method: req.method, status: response.status, seconds });
    return response;
  };
}

/** What Fresh would answer with a bare 500. */
function refuseEarly(req: Request, facts: RequestFacts): Response | null {
  const { requestId, path, kind } = facts;
  if (kind === "api" && !isWellFormedPath(path)) {
    const detail = "The path has a % that starts no valid escape";
    return problemResponse({ code: "malformed_url", detail }, { requestId });
  }
  const methods = kind === "page" ? PAGE_METHODS : METHODS;
  if (kind === "page" && req.method === "OPTIONS") {
    return new Response(null, { status: 204, headers: { allow: [...methods].join(", ") } });
  }
  if (!methods.has(req.method)) {
    const detail = `${req.method.slice(0, 20)} is not an HTTP method that is used here`;
    const allow = [...methods].join(", ");
    return problemResponse({ code: "method_not_allowed", detail }, {
      requestId,
      headers: { allow },
    });
  }
  return null;
}

function errorResponse(error: unknown, { requestId }: RequestFacts): Response {
  const { retryAfterSeconds, ...refusal } = refusalOfError(error);
  return problemResponse(refusal, {
    requestId,
    ...(retryAfterSeconds === undefined
      ? {}
      : { headers: { "retry-after": String(retryAfterSeconds) } }),
  });
}

function finish(
  answer: Response,
  { facts, options, headers: ours }: {
    facts: RequestFacts;
    options: ShellOptions;
    headers: HeaderList;
  },
): Response {
  const response = withRequestId(asProblem(answer, facts), facts);
  const { headers } = response;
  for (const [name, value] of ours) headers.set(name, value);
  if (facts.kind === "api") {
    if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
    return response;
  }
  if (options.secure) secureCookies(headers);
  if (headers.get("content-type")?.startsWith("text/html")) {
    const nonce: unknown = Reflect.get(answer, NONCE);
    const policy = contentPolicy(typeof nonce === "string" ? nonce : null, options);
    headers.set("content-security-policy", policy);
    if (!headers.has("cache-control")) headers.set("cache-control", "private, no-store");
  }
  return response;
}

/** Over https no cookie of ours travels without it, whichever route gave it. */
function secureCookies(headers: Headers): void {
  const cookies = headers.getSetCookie();
  if (cookies.every((cookie) => SECURE.test(cookie))) return;
  headers.delete("set-cookie");
  for (const cookie of cookies) {
    headers.append("set-cookie", SECURE.test(cookie) ? cookie : `${cookie}; Secure`);
  }
}

/** The framework's plain-text errors, told in JSON to machines. */
function asProblem(answer: Response, { kind, requestId }: RequestFacts): Response {
  if (kind === "page" || answer.status < 400) return answer;
  const type = answer.headers.get("content-type") ?? "";
  if (/^application\/(problem\+)?json/.test(type)) return answer;
  const allow = answer.headers.get("allow");
  answer.body?.cancel().catch(() => {});
  return problemResponse(refusalOfStatus(answer.status), {
    requestId,
    ...(allow === null ? {} : { headers: { allow } }),
  });
}

/** Headers of redirects and of fetched responses can't be changed; a copy's can. */
function withRequestId(response: Response, { requestId }: RequestFacts): Response {
  try {
    response.headers.set("request-id", requestId);
    return response;
  } catch {
    const copy = new Response(response.body, response);
    copy.headers.set("request-id", requestId);
    return copy;
  }
}

function log(
  { logger, logCalls }: ShellOptions,
  { facts, method, status, seconds }: {
    facts: RequestFacts;
    method: string;
    status: number;
    seconds: number;
  },
): void {
  const failed = status >= 500;
  if (!failed && facts.kind === "api" && !logCalls) return;
  const { requestId, path, ip, error } = facts;
  const fields = {
    requestId,
    method,
    path,
    status,
    ip,
    milliseconds: Math.round(seconds * 1e6) / 1e3,
  };
  if (failed) logger.error("request_failed", { ...fields, error });
  else logger.info("request", fields);
}
