import { assertEquals } from "@std/assert";
import { callGuarded, guardUrl, isPublicAddress } from "@/lib/auth/ssrf.ts";
import type { OutboundRequest } from "@/lib/ports/outbound.ts";

const NAMES: Record<string, string[]> = {
  "hooks.example.com": ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"],
  "rebind.example.com": ["93.184.216.34", "127.0.0.1"],
  "internal.example.com": ["10.0.0.7"],
  "metadata.example.com": ["169.254.169.254"],
  "mapped.example.com": ["::ffff:127.0.0.1"],
};
const resolver = { addresses: (name: string) => Promise.resolve(NAMES[name] ?? []) };

const REFUSED = [
  "http://hooks.example.com/",
  "ftp://hooks.example.com/",
  "file:///etc/passwd",
  "javascript:alert(1)",
  "data:text/plain,x",
  "//hooks.example.com/",
  "hooks.example.com",
  "https://user@hooks.example.com/",
  "https://user:pass@hooks.example.com/",
  "https://hooks.example.com:22/",
  "https://hooks.example.com:6379/",
  "https://127.0.0.1/",
  "https://127.1/",
  "https://0x7f.1/",
  "https://2130706433/",
  "https://017700000001/",
  "https://0/",
  "https://10.0.0.1/",
  "https://172.16.5.4/",
  "https://192.168.1.1/",
  "https://100.64.0.1/",
  "https://169.254.169.254/latest/meta-data/",
  "https://192.0.2.1/",
  "https://198.18.0.1/",
  "https://224.0.0.1/",
  "https://255.255.255.255/",
  "https://[::1]/",
  "https://[::]/",
  "https://[::ffff:127.0.0.1]/",
  "https://[::ffff:7f00:1]/",
  "https://[64:ff9b::7f00:1]/",
  "https://[64:ff9b::a9fe:a9fe]/",
  "https://[2002:7f00:1::]/",
  "https://[fe80::1]/",
  "https://[fc00::1]/",
  "https://[fd00:ec2::254]/",
  "https://[ff02::1]/",
  "https://[2001:db8::1]/",
  "https://localhost/",
  "https://LOCALHOST./",
  "https://printer.local/",
  "https://db.internal/",
  "https://metadata.google.internal/",
  "https://router.home.arpa/",
  "https://intranet/",
  "https://127。0。0。1/",
  "https://①②⑦.⓪.⓪.①/",
  "https://rebind.example.com/",
  "https://internal.example.com/",
  "https://metadata.example.com/",
  "https://mapped.example.com/",
  "https://nowhere.example.com/",
  `https://hooks.example.com/${"a".repeat(2_100)}`,
];

for (const url of REFUSED) {
  Deno.test(`a call to ${url.slice(0, 60)} is refused`, async () => {
    const guarded = await guardUrl(url, resolver);
    assertEquals(guarded.ok ? guarded.value : guarded.error.code, "url_refused");
  });
}

Deno.test("a public https URL passes, with the address that was judged", async () => {
  assertEquals(await guardUrl("https://hooks.example.com/a?b=1", resolver), {
    ok: true,
    value: { url: "https://hooks.example.com/a?b=1", address: "93.184.216.34" },
  });
  assertEquals((await guardUrl("https://8.8.8.8:8443/", resolver)).ok, true);
  assertEquals((await guardUrl("https://[2606:4700:4700::1111]/", resolver)).ok, true);
});

Deno.test("the call goes to the judged address whatever the name says later", async () => {
  const sent: OutboundRequest[] = [];
  let lookups = 0;
  const answer = await callGuarded({
    url: "https://hooks.example.com/",
    method: "POST",
    headers: {},
    timeoutMs: 1_000,
    maxBytes: 1_000,
  }, {
    resolver: {
      addresses: () => Promise.resolve(++lookups === 1 ? ["93.184.216.34"] : ["127.0.0.1"]),
    },
    outbound: {
      send: (request) => {
        sent.push(request);
        return Promise.resolve({ ok: true, status: 302, contentType: "", text: "" });
      },
    },
  });
  assertEquals(sent.map(({ address }) => address), ["93.184.216.34"]);
  assertEquals(lookups, 1);
  assertEquals(answer.ok && answer.status, 302);
});

Deno.test("an address that can't be read is not public", () => {
  for (const text of ["", "example.com", "1.2.3", "::g", "1.2.3.4.5"]) {
    assertEquals(isPublicAddress(text), false, text);
  }
});
