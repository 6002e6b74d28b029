import { hash } from "node:crypto";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { sameSecret } from "./secret.ts";

export interface UnsafeRequest {
  readonly method: string;
  readonly origin: string | null;
  readonly secFetchSite: string | null;
  /** From the form field or header. */
  readonly token: string | null;
}

/** The token for forms of one browser: it follows from the cookie and can't be turned back. */
export function csrfToken(cookieSecret: string): string {
  return hash("sha256", `csrf:${cookieSecret}`, "hex");
}

/**
 * Did our own page send this? Both must say so: the browser (`Sec-Fetch-Site` or `Origin`; a request
 * with neither is refused) and the token of the form. Errors: `cross_site_request`, `form_expired`.
 */
export function checkCsrf(
  request: UnsafeRequest,
  { cookieSecret, ownOrigin }: { cookieSecret: string | null; ownOrigin: string },
): Result<"own"> {
  if (["GET", "HEAD", "OPTIONS"].includes(request.method)) return accept("own");
  if (!isSameOrigin(request, ownOrigin)) {
    const detail = "This form was sent from another site; open it here and send it again";
    return refuse({ code: "cross_site_request", detail });
  }
  const { token } = request;
  if (cookieSecret === null || token === null || !sameSecret(token, csrfToken(cookieSecret))) {
    return refuse({ code: "form_expired", detail: "Load the page again and send the form again" });
  }
  return accept("own");
}

/** `Origin` is judged whenever it is there; `none` (typed by the user) never sends forms. */
export function isSameOrigin(
  { origin, secFetchSite }: Pick<UnsafeRequest, "origin" | "secFetchSite">,
  ownOrigin: string,
): boolean {
  if (origin !== null && origin !== ownOrigin) return false;
  if (secFetchSite !== null) return secFetchSite === "same-origin";
  return origin === ownOrigin;
}
