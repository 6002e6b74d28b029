import { NONCE } from "../render/page.ts";
import type { Middleware } from "../types.ts";

export interface CSPOptions {
  /** Send the policy as a report-only one. */
  reportOnly?: boolean;
  /** Where violations are reported to. */
  reportTo?: string;
  /** Directives; each replaces the default of its name. */
  csp?: string[];
  /** Allow the inline code of rendered pages by nonce in place of `'unsafe-inline'`. */
  useNonce?: boolean;
}

const DEFAULTS = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data:",
  "media-src 'self' data: blob:",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "upgrade-insecure-requests",
];

/** Sets a content security policy on every response that comes back through it. */
export function csp<State>(options: CSPOptions = {}): Middleware<State> {
  const { reportOnly = false, reportTo, csp: own = [], useNonce = false } = options;
  const directives = mergeDirectives(own);
  if (reportTo !== undefined) {
    directives.push("report-to csp-endpoint", `report-uri ${reportTo}`);
  }
  const policy = directives.join("; ");
  const header = reportOnly ? "content-security-policy-report-only" : "content-security-policy";
  return async function setPolicy(ctx) {
    const response = await ctx.next();
    const nonce = useNonce ? nonceOf(response) : null;
    response.headers.set(header, nonce === null ? policy : withNonce(directives, nonce));
    if (reportTo !== undefined) {
      response.headers.set("reporting-endpoints", `csp-endpoint="${reportTo}"`);
    }
    return response;
  };
}

function mergeDirectives(own: string[]): string[] {
  const byName = new Map([...DEFAULTS, ...own].map((line) => [nameOf(line), line]));
  return [...byName.values()];
}

function nameOf(directive: string): string {
  return directive.trim().split(/\s+/, 1)[0] ?? "";
}

function nonceOf(response: Response): string | null {
  const nonce: unknown = Reflect.get(response, NONCE);
  return typeof nonce === "string" ? nonce : null;
}

function withNonce(directives: string[], nonce: string): string {
  return directives.map((directive) =>
    NONCED.has(nameOf(directive))
      ? directive.replaceAll("'unsafe-inline'", `'nonce-${nonce}'`)
      : directive
  ).join("; ");
}

const NONCED = new Set(["default-src", "script-src", "style-src"]);
