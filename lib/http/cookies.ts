/** Our cookies: of members, of operators, and of a browser before anybody signed in. */
export type CookieName = "sid" | "op" | "bid";

export interface CookieOptions {
  /** Over https the name gets the prefix `__Host-`: no other host or path can set it. */
  readonly secure: boolean;
}

/** The value of one of our cookies, null when absent, doubled or not of our making. */
export function readCookie(
  req: Request,
  name: CookieName,
  options: CookieOptions,
): string | null {
  const wanted = `${cookieName(name, options)}=`;
  const found = (req.headers.get("cookie") ?? "").split(";")
    .map((part) => part.trim())
    .filter((part) => part.startsWith(wanted));
  const value = found.length === 1 ? found[0]?.slice(wanted.length) : undefined;
  return value !== undefined && /^[\w-]{20,100}$/.test(value) ? value : null;
}

/** `Set-Cookie` for a secret; without `maxAgeSeconds` it ends with the browser. */
export function setCookie(
  cookie: { readonly name: CookieName; readonly value: string; readonly maxAgeSeconds?: number },
  options: CookieOptions,
): string {
  const { name, value, maxAgeSeconds } = cookie;
  return [
    `${cookieName(name, options)}=${value}`,
    "Path=/",
    "HttpOnly",
    "SameSite=Lax",
    ...options.secure ? ["Secure"] : [],
    ...maxAgeSeconds === undefined ? [] : [`Max-Age=${Math.floor(maxAgeSeconds)}`],
  ].join("; ");
}

export function clearCookie(name: CookieName, options: CookieOptions): string {
  return setCookie({ name, value: "", maxAgeSeconds: 0 }, options);
}

function cookieName(name: CookieName, { secure }: CookieOptions): string {
  return secure ? `__Host-${name}` : name;
}
