/**
 * The path of a request URL as the router sees it, or `null` if it needs the URL parser: dot
 * segments, doubled slashes, backslashes or characters that the parser would rewrite.
 */
export function plainPathname(url: string): string | null {
  const host = url.indexOf("://");
  const start = host === -1 ? -1 : url.indexOf("/", host + 3);
  if (start === -1) return null;
  let previous = 0;
  let end = start;
  for (; end < url.length; end++) {
    const code = url.charCodeAt(end);
    if (code === QUESTION || code === HASH) break;
    if (previous === SLASH && (code === SLASH || code === DOT || code === PERCENT)) return null;
    if (!isPlain(code)) return null;
    previous = code;
  }
  return url.slice(start, end);
}

/** The parsed URL with runs of slashes in its path collapsed. */
export function requestUrl(req: Request, trustProxy: boolean): URL {
  const url = new URL(req.url);
  if (url.pathname.includes("//")) {
    url.pathname = url.pathname.replaceAll(/\/{2,}/g, "/");
  }
  if (trustProxy) {
    const protocol = req.headers.get("x-forwarded-proto");
    if (protocol !== null) url.protocol = `${protocol}:`;
    const host = req.headers.get("x-forwarded-host");
    if (host !== null) url.host = host;
  }
  return url;
}

const SLASH = 0x2f;
const DOT = 0x2e;
const PERCENT = 0x25;
const QUESTION = 0x3f;
const HASH = 0x23;

/** Letters, digits and the punctuation that a URL parser leaves alone in a path. */
function isPlain(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x40 && code <= 0x5a) ||
    (code >= 0x24 && code <= 0x3b) || code === 0x5f || code === 0x7e ||
    code === 0x21 ||
    code === 0x3d;
}
