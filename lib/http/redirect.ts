const ORIGIN = "http://own.invalid";

/**
 * A target that a visitor named (`?next=…`), if it stays on this site: a path from the root. Browsers
 * read `\` as `/` and drop tabs and newlines, so `/\evil.com` would leave; those get `fallback`.
 */
export function ownPath(target: string | null | undefined, fallback: string): string {
  // deno-lint-ignore no-control-regex
  if (!target || !/^\/(?![/\\])/.test(target) || /[\\\x00-\x1f\x7f]/.test(target)) return fallback;
  if (!URL.canParse(target, ORIGIN)) return fallback;
  const url = new URL(target, ORIGIN);
  // Dots resolve away: "/.//evil.com" becomes "//evil.com".
  if (url.origin !== ORIGIN || url.pathname.startsWith("//")) return fallback;
  return url.pathname + url.search + url.hash;
}

/** After a form: 303, so that reloading the next page sends nothing twice. */
export function seeOther(path: string, headers: HeadersInit = {}): Response {
  const response = new Response(null, { status: 303, headers });
  response.headers.set("location", path);
  return response;
}
