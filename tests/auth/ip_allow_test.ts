import { assertEquals } from "@std/assert";
import { isAllowedAddress, parseAllowList } from "@/lib/auth/ip_allow.ts";

Deno.test("a key without a list works from anywhere", () => {
  assertEquals(parseAllowList(["", "  "]), { ok: true, value: null });
  assertEquals(isAllowedAddress("203.0.113.9", null), true);
  assertEquals(isAllowedAddress("unknown", null), true);
});

Deno.test("a list opens exactly its addresses and ranges, in every spelling of an address", () => {
  const list = ["203.0.113.0/24", "198.51.100.7", "2001:db8::/32"];
  assertEquals(parseAllowList(list), { ok: true, value: list });
  const table: [string, boolean][] = [
    ["203.0.113.0", true],
    ["203.0.113.255", true],
    ["203.0.114.0", false],
    ["198.51.100.7", true],
    ["198.51.100.8", false],
    ["::ffff:198.51.100.7", true],
    ["2001:db8::5", true],
    ["2001:DB8:0:0::5", true],
    ["2001:db9::5", false],
    ["::ffff:203.0.114.1", false],
    ["unknown", false],
    ["", false],
  ];
  for (const [ip, allowed] of table) assertEquals(isAllowedAddress(ip, list), allowed, ip);
});

Deno.test("a range that can be read in two ways, or not at all, is refused", () => {
  for (const range of ["010.0.0.1", "10.1", "0x7f.1", "203.0.113.0/33", "::/129", "example.com"]) {
    const parsed = parseAllowList([range]);
    assertEquals(parsed.ok ? range : parsed.error.code, "invalid_address_range");
  }
  assertEquals(parseAllowList(Array(51).fill("10.0.0.1")).ok, false);
});
