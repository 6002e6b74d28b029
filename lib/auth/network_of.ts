import ipaddr from "ipaddr.js";

const IPV6_PREFIX_BYTES = 8;

/**
 * What one caller may be counted by: an IPv4 address, or the /64 of an IPv6 address, since whoever has
 * one of its addresses has all of them. Other text stays as it is.
 */
export function networkOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return ip;
  const address = ipaddr.process(ip);
  if (address.kind() === "ipv4") return address.toString();
  const bytes = address.toByteArray().fill(0, IPV6_PREFIX_BYTES);
  return `${ipaddr.fromByteArray(bytes)}/64`;
}
