import ipaddr from "ipaddr.js";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type {
  NameResolver,
  Outbound,
  OutboundAnswer,
  OutboundRequest,
} from "@/lib/ports/outbound.ts";

/** A URL that may be called, with the address that it was judged by. */
export interface GuardedUrl {
  readonly url: string;
  readonly address: string;
}

const MAX_URL_LENGTH = 2_048;
const PORTS: readonly string[] = ["", "443", "8443"];

/**
 * May we call a URL that a tenant or an operator wrote? Only https, no user name, a usual port, and
 * every address that the name resolves to is public: not loopback, private, link-local (where cloud
 * metadata lives), carrier NAT, multicast, nor any of these inside IPv6. Error: `url_refused`.
 */
export async function guardUrl(
  text: string,
  resolver: NameResolver,
): Promise<Result<GuardedUrl>> {
  const shaped = judgeUrl(text);
  if (!shaped.ok) return shaped;
  const { hostname } = shaped.value;
  const literal = hostname.replace(/^\[|\]$/g, "");
  const addresses = ipaddr.isValid(literal) ? [literal] : await resolver.addresses(hostname);
  const [first] = addresses;
  if (first === undefined) return refused(`The host ${JSON.stringify(hostname)} does not resolve`);
  if (!addresses.every(isPublicAddress)) {
    return refused(`The host ${JSON.stringify(hostname)} is not on the public internet`);
  }
  return accept({ url: shaped.value.href, address: first });
}

/** The part of the judgement that needs no name resolution; for forms. Error: `url_refused`. */
export function judgeUrl(text: string): Result<URL> {
  if (text.length > MAX_URL_LENGTH) return refused("The URL is longer than 2,048 characters");
  if (!URL.canParse(text)) return refused("This is not a URL");
  const url = new URL(text);
  if (url.protocol !== "https:") return refused("Only https URLs are called");
  if (url.username !== "" || url.password !== "") {
    return refused("The URL must not carry a user name or password");
  }
  if (!PORTS.includes(url.port)) return refused("Only ports 443 and 8443 are called");
  const literal = url.hostname.replace(/^\[|\]$/g, "");
  if (ipaddr.isValid(literal)) {
    return isPublicAddress(literal) ? accept(url) : refused("This address is not public");
  }
  // A single label, or a name that only a local network knows.
  if (
    !url.hostname.includes(".") || /\.(local|localhost|internal|home\.arpa)\.?$/.test(url.hostname)
  ) {
    return refused("The host is not a public name");
  }
  return accept(url);
}

/** Global unicast only; IPv6 that wraps an IPv4 address (mapped, NAT64, 6to4) is judged by it. */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  // Shortened spellings of IPv4 mean different things to different readers.
  if (ipaddr.IPv4.isValid(text) && !ipaddr.IPv4.isValidFourPartDecimal(text)) return false;
  const address = ipaddr.process(text);
  if (address.kind() === "ipv4") return address.range() === "unicast";
  const bytes = address.toByteArray();
  switch (address.range()) {
    case "rfc6052":
      return isPublicAddress(bytes.slice(12).join("."));
    case "6to4":
      return isPublicAddress(bytes.slice(2, 6).join("."));
    case "unicast":
      // 2000::/3 is all that is assigned; the rest of "unicast" in the library is undefined space.
      return ((bytes[0] ?? 0) & 0xe0) === 0x20;
    default:
      return false;
  }
}

export type SafeAnswer = OutboundAnswer | {
  readonly ok: false;
  readonly code: "url_refused";
  readonly detail: string;
};

/** Calls a URL that somebody else wrote, at the very address that was judged. */
export async function callGuarded(
  request: Omit<OutboundRequest, "address">,
  { resolver, outbound }: { resolver: NameResolver; outbound: Outbound },
): Promise<SafeAnswer> {
  const guarded = await guardUrl(request.url, resolver);
  if (!guarded.ok) return { ok: false, code: "url_refused", detail: guarded.error.detail };
  return await outbound.send({ ...request, ...guarded.value });
}

function refused(detail: string): Result<never> {
  return refuse({ code: "url_refused", detail });
}
