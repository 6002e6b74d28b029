import { assertEquals } from "@std/assert";
import { onOwnSite, ownOriginFor, passkeyOrigin } from "@/lib/http/own_origin.ts";

const SANDBOX = { baseUrl: "http://127.0.0.1:8000", isSandbox: true };

Deno.test("a sandbox on this machine goes by each of the machine's own names, and no other", () => {
  const own = (url: string) => ownOriginFor(new URL(url), SANDBOX) === new URL(url).origin;
  assertEquals(own("http://127.0.0.1:8000/portal"), true);
  assertEquals(own("http://localhost:8000/portal"), true);
  assertEquals(own("http://[::1]:8000/portal"), true);
  for (
    const foreign of [
      "http://localhost:8001",
      "http://localhost",
      "https://localhost:8000",
      "http://evil.example:8000",
      "http://localhost.evil.example:8000",
      "http://127.0.0.1.evil.example:8000",
    ]
  ) assertEquals(own(foreign), false, foreign);
});

Deno.test("everywhere else the configured origin is the only one", () => {
  const local = new URL("http://localhost:8000/portal");
  const test = { ...SANDBOX, isSandbox: false };
  assertEquals(ownOriginFor(local, test), "http://127.0.0.1:8000");
  const hosted = { baseUrl: "https://meter.example.com", isSandbox: true };
  assertEquals(ownOriginFor(local, hosted), "https://meter.example.com");
  assertEquals(
    ownOriginFor(new URL("https://evil.example"), hosted),
    "https://meter.example.com",
  );
});

Deno.test("only another name of a sandbox's machine leads to the configured one", () => {
  const lead = (url: string, site = SANDBOX) => onOwnSite(new URL(url), site)?.href;
  assertEquals(lead("http://localhost:8000/a?b=c"), "http://127.0.0.1:8000/a?b=c");
  assertEquals(lead("http://127.0.0.1:8000/a"), undefined);
  assertEquals(lead("http://evil.example:8000/a"), undefined);
  // Behind a proxy that ends TLS, our own address looks like another.
  const hosted = { baseUrl: "https://meter.example.com", isSandbox: false };
  assertEquals(lead("http://meter.example.com/a", hosted), undefined);
});

Deno.test("passkeys are bound to a name, also where the site is opened by its address", () => {
  assertEquals(passkeyOrigin(SANDBOX), "http://localhost:8000");
  const hosted = { baseUrl: "https://meter.example.com/", isSandbox: false };
  assertEquals(passkeyOrigin(hosted), "https://meter.example.com");
});
