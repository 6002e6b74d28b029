import ipaddr from "ipaddr.js";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";

const MAX_RANGES = 50;

/**
 * Checks and tidies a list of addresses and CIDR ranges. An empty list means no restriction.
 * Error: `invalid_address_range`.
 */
export function parseAllowList(texts: readonly string[]): Result<readonly string[] | null> {
  const ranges = texts.map((text) => text.trim()).filter((text) => text !== "");
  if (ranges.length > MAX_RANGES) {
    const detail = `At most ${MAX_RANGES} address ranges are allowed`;
    return refuse({ code: "invalid_address_range", detail });
  }
  const wrong = ranges.find((range) => parseRange(range) === null);
  if (wrong !== undefined) {
    return refuse({
      code: "invalid_address_range",
      detail: `${JSON.stringify(wrong)} is not an address or CIDR range such as 203.0.113.0/24`,
    });
  }
  return accept(ranges.length === 0 ? null : ranges);
}

/** May a call from `ip` use a key with this list? An address that can't be read may not. */
export function isAllowedAddress(ip: string, allowList: readonly string[] | null): boolean {
  if (allowList === null) return true;
  if (!ipaddr.isValid(ip)) return false;
  // IPv4-mapped IPv6 is the same machine as its IPv4 address.
  const address = ipaddr.process(ip);
  return allowList.some((text) => {
    const range = parseRange(text);
    return range !== null && range[0].kind() === address.kind() && address.match(range);
  });
}

function parseRange(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | null {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  // Octal and shortened spellings of IPv4 ("010.1") mean different things to different readers.
  if (ipaddr.IPv4.isValid(text) && !ipaddr.IPv4.isValidFourPartDecimal(text)) return null;
  if (!ipaddr.isValid(text)) return null;
  const address = ipaddr.process(text);
  return [address, address.kind() === "ipv4" ? 32 : 128];
}
