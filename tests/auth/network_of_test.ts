import { assertEquals } from "@std/assert";
import { networkOf } from "@/lib/auth/network_of.ts";

Deno.test("whoever has one address of an IPv6 network is counted as one with all of them", () => {
  const network = "2001:db8:1:2::/64";
  for (const ip of ["2001:db8:1:2::1", "2001:0db8:1:2:ffff:ffff:ffff:ffff", "2001:DB8:1:2::"]) {
    assertEquals(networkOf(ip), network, ip);
  }
  assertEquals(networkOf("2001:db8:1:3::1"), "2001:db8:1:3::/64");
});

Deno.test("an IPv4 address is counted alone, however it is written", () => {
  assertEquals(networkOf("203.0.113.5"), "203.0.113.5");
  assertEquals(networkOf("::ffff:203.0.113.5"), "203.0.113.5");
  assertEquals(networkOf("::ffff:203.0.113.6"), "203.0.113.6");
  for (const other of ["unknown", "", "fe80::1%eth0 or so"]) assertEquals(networkOf(other), other);
});
