/** What is known of a request before it is routed. */
export interface RequestFacts {
  readonly requestId: string;
  readonly ip: string;
  readonly startedAtMs: number;
  /** Raw path without query. */
  readonly path: string;
  /** Machines get JSON problems, people get pages. */
  readonly kind: "api" | "page";
  /** What a handler threw, for the log. */
  error: unknown;
}

const UNKNOWN_ADDRESS: Deno.Addr = { transport: "tcp", hostname: "unknown", port: 0 };

/** What the server says of a request, with our facts: it travels as `ctx.info` on any Fresh. */
export class FactsInfo implements Deno.ServeHandlerInfo {
  constructor(readonly facts: RequestFacts, readonly served: Deno.ServeHandlerInfo | undefined) {}

  get remoteAddr(): Deno.Addr {
    return this.served?.remoteAddr ?? UNKNOWN_ADDRESS;
  }

  get completed(): Promise<void> {
    return this.served?.completed ?? Promise.resolve();
  }
}

/** `undefined` outside the app's own handler, as in a unit test of one route. */
export function factsOf(info: Deno.ServeHandlerInfo): RequestFacts | undefined {
  return info instanceof FactsInfo ? info.facts : undefined;
}

/** The path of a request's URL as it was sent. */
export function rawPath(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  if (start === -1) return "/";
  const path = url.slice(start);
  const end = path.search(/[?#]/);
  return end === -1 ? path : path.slice(0, end);
}

const API_PATH =
  /^\/+(?:v1|operator\/+v1|webhooks|internal|healthz|readyz|metrics|openapi\.json)(?:\/|$)/;

export function kindOf(path: string): RequestFacts["kind"] {
  return API_PATH.test(path) ? "api" : "page";
}

/**
 * The request with each `%` of its path taken for itself where one starts no valid escape: people get
 * the page of what is not there, and no route has to read such a path.
 */
export function withReadablePath(req: Request): Request {
  const path = rawPath(req.url);
  if (isWellFormedPath(path)) return req;
  const url = new URL(req.url);
  url.pathname = path.replaceAll("%", "%25");
  return new Request(url, req);
}

/** Whether every `%` of a path starts a valid escape of valid UTF-8. */
export function isWellFormedPath(path: string): boolean {
  if (!path.includes("%")) return true;
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
