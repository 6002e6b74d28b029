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

const FACTS = new WeakMap<Request, RequestFacts>();

export function setFacts(req: Request, facts: RequestFacts): void {
  FACTS.set(req, facts);
}

/** `undefined` outside the app's own handler, as in a unit test of one route. */
export function factsOf(req: Request): RequestFacts | undefined {
  return FACTS.get(req);
}

/** The path of a request's URL as it was sent. */
export function rawPath(url: string): string {
  const start = url.indexOf("/", url.indexOf("//") + 2);
  if (start === -1) return "/";
  const end = url.slice(start).search(/[?#]/);
  return end === -1 ? url.slice(start) : url.slice(start, start + end);
}

const API_PATH =
  /^\/+(?:v1|operator\/+v1|webhooks|internal|healthz|readyz|metrics|openapi\.json)(?:\/|$)/;

export function kindOf(path: string): RequestFacts["kind"] {
  return API_PATH.test(path) ? "api" : "page";
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
