import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  App,
  cors,
  csp,
  type CSPOptions,
  csrf,
  type CsrfOptions,
  ipFilter,
  trailingSlashes,
} from "fresh";
import { captureConsole, Client } from "./support.ts";

const ok = () => new Response("ok");

async function policyOf(options?: CSPOptions): Promise<string> {
  const app = new App().use(csp(options)).get("/", ok);
  return (await new Client(app).get("/")).headers.get("content-security-policy") ?? "";
}

Deno.test("csp() sets a strict default policy", async () => {
  assertEquals(
    await policyOf(),
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; " +
      "font-src 'self'; img-src 'self' data:; media-src 'self' data: blob:; " +
      "worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'self'; " +
      "form-action 'self'; frame-ancestors 'none'; upgrade-insecure-requests",
  );
});

Deno.test("csp() directives replace the default of their name in place", async () => {
  const policy = await policyOf({ csp: ["img-src 'self' https://example.com", "x-new 'none'"] });
  assertEquals(policy.split("img-src").length, 2);
  assertStringIncludes(policy, "img-src 'self' https://example.com; media-src");
  assertStringIncludes(policy, "; x-new 'none'");
});

Deno.test("csp() reports to an endpoint", async () => {
  const app = new App().use(csp({ reportTo: "/csp", reportOnly: true })).get("/", ok);
  const { headers } = await new Client(app).get("/");
  assertEquals(headers.get("content-security-policy"), null);
  const policy = headers.get("content-security-policy-report-only") ?? "";
  assertStringIncludes(policy, "report-to csp-endpoint; report-uri /csp");
  assertEquals(headers.get("reporting-endpoints"), 'csp-endpoint="/csp"');
});

Deno.test("csp() with a nonce leaves responses that were not rendered as they are", async () => {
  assertStringIncludes(await policyOf({ useNonce: true }), "script-src 'self' 'unsafe-inline'");
});

Deno.test("csp() puts the nonce into a default-src with unsafe-inline too", async () => {
  const app = new App()
    .use(csp({ useNonce: true, csp: ["default-src 'self' 'unsafe-inline'"] }))
    .get("/", (ctx) => ctx.render(null));
  const policy = (await new Client(app).get("/")).headers.get("content-security-policy") ?? "";
  assertEquals(policy.includes("unsafe-inline"), false);
  assertStringIncludes(policy, "default-src 'self' 'nonce-");
});

Deno.test("csp() fails on a response whose headers cannot change", async () => {
  const app = new App().use(csp()).get("/", () => Response.redirect("http://localhost/x"));
  await captureConsole("error", async () => {
    assertEquals((await new Client(app).get("/")).status, 500);
  });
});

async function csrfStatus(
  headers: Record<string, string>,
  { method = "POST", options }: { method?: string; options?: CsrfOptions } = {},
): Promise<number> {
  const app = new App().use(csrf(options)).all("/", ok);
  return (await new Client(app).request("/", { method, headers })).status;
}

Deno.test("csrf() lets safe methods pass, whatever their origin", async () => {
  for (const method of ["GET", "HEAD", "OPTIONS"]) {
    const headers = { "sec-fetch-site": "cross-site", origin: "https://evil.com" };
    assertEquals(await csrfStatus(headers, { method }), 200);
  }
});

Deno.test("csrf() judges unsafe methods by Sec-Fetch-Site first", async () => {
  for (
    const [site, status] of [["same-origin", 200], ["none", 200], ["same-site", 403], [
      "cross-site",
      403,
    ]] as const
  ) {
    assertEquals(await csrfStatus({ "sec-fetch-site": site }), status, site);
  }
});

Deno.test("csrf() compares Origin with the site's own otherwise", async () => {
  assertEquals(await csrfStatus({ origin: "http://localhost" }), 200);
  assertEquals(await csrfStatus({ origin: "https://localhost" }), 403);
  assertEquals(await csrfStatus({ origin: "null" }), 403);
});

Deno.test("csrf() lets a request with neither header pass", async () => {
  assertEquals(await csrfStatus({}), 200);
});

Deno.test("csrf() trusts the origins that it is given, even across sites", async () => {
  const headers = { origin: "https://a.com", "sec-fetch-site": "cross-site" };
  for (
    const origin of [
      "https://a.com",
      ["https://b.com", "https://a.com"],
      (o: string) => o.endsWith("a.com"),
    ]
  ) {
    assertEquals(await csrfStatus(headers, { options: { origin } }), 200);
    const evil = { origin: "https://evil.org" };
    assertEquals(await csrfStatus(evil, { options: { origin } }), 403);
  }
});

Deno.test("cors() allows every origin by default, without Vary", async () => {
  const { headers } = await new Client(new App().use(cors()).get("/", ok)).get("/");
  assertEquals(headers.get("access-control-allow-origin"), "*");
  assertEquals(headers.get("vary"), null);
});

Deno.test("cors() answers a preflight request with methods and the headers asked for", async () => {
  const client = new Client(new App().use(cors()).get("/", ok));
  const response = await client.request("/", {
    method: "OPTIONS",
    headers: { "access-control-request-headers": "X-A, Content-Type" },
  });
  assertEquals(response.status, 204);
  assertEquals(
    response.headers.get("access-control-allow-methods"),
    "GET,HEAD,PUT,POST,DELETE,PATCH",
  );
  assertEquals(response.headers.get("access-control-allow-headers"), "X-A,Content-Type");
});

Deno.test("cors() names one of several origins, and none that is not listed", async () => {
  const app = new App().use(cors({ origin: ["https://a.com", "https://b.com"] })).get("/", ok);
  const allowed = await new Client(app).get("/", { origin: "https://b.com" });
  assertEquals(allowed.headers.get("access-control-allow-origin"), "https://b.com");
  assertEquals(allowed.headers.get("vary"), "Origin");
  const refused = await new Client(app).get("/", { origin: "https://c.com" });
  assertEquals(refused.headers.get("access-control-allow-origin"), null);
});

Deno.test("cors() asks a function for the origin", async () => {
  const origin = (asked: string) => asked.endsWith(".a.com") ? asked : "https://a.com";
  const app = new App().use(cors({ origin })).get("/", ok);
  const sub = await new Client(app).get("/", { origin: "https://x.a.com" });
  assertEquals(sub.headers.get("access-control-allow-origin"), "https://x.a.com");
  const other = await new Client(app).get("/", { origin: "https://evil.com" });
  assertEquals(other.headers.get("access-control-allow-origin"), "https://a.com");
});

Deno.test("cors() sends credentials, exposed headers and the age of a preflight answer", async () => {
  const app = new App().use(cors({
    origin: "https://a.com",
    credentials: true,
    exposeHeaders: ["X-A", "X-B"],
    maxAge: 600,
    allowMethods: ["POST"],
    allowHeaders: ["X-C"],
  })).get("/", ok);
  const { headers } = await new Client(app).request("/", {
    method: "OPTIONS",
    headers: { origin: "https://a.com" },
  });
  assertEquals(headers.get("access-control-allow-credentials"), "true");
  assertEquals(headers.get("access-control-expose-headers"), "X-A,X-B");
  assertEquals(headers.get("access-control-max-age"), "600");
  assertEquals(headers.get("access-control-allow-methods"), "POST");
  assertEquals(headers.get("access-control-allow-headers"), "X-C");
});

async function slashTarget(mode: "always" | "never", path: string): Promise<string | null> {
  const app = new App().use(trailingSlashes(mode)).all("*", ok);
  const response = await new Client(app).get(path);
  assertEquals(response.status, response.headers.has("location") ? 302 : 200);
  return response.headers.get("location");
}

Deno.test("trailingSlashes('always') adds the slash and keeps the query", async () => {
  assertEquals(await slashTarget("always", "/a"), "/a/");
  assertEquals(await slashTarget("always", "/a?x=1"), "/a/?x=1");
  assertEquals(await slashTarget("always", "/a/"), null);
});

Deno.test("trailingSlashes('never') removes the slash, but not the root's", async () => {
  assertEquals(await slashTarget("never", "/a/"), "/a");
  assertEquals(await slashTarget("never", "/a"), null);
  assertEquals(await slashTarget("never", "/"), null);
});

async function ipStatus(hostname: string, rules: Parameters<typeof ipFilter>[0]): Promise<number> {
  const handler = new App().use(ipFilter(rules)).get("/", ok).handler();
  const info: Deno.ServeHandlerInfo = {
    remoteAddr: { transport: "tcp", hostname, port: 1 },
    completed: Promise.resolve(),
  };
  return (await handler(new Request("http://localhost/"), info)).status;
}

Deno.test("ipFilter() refuses the addresses and ranges of its deny list", async () => {
  const rules = { denyList: ["10.0.0.0/8", "::1"] };
  assertEquals(await ipStatus("10.1.2.3", rules), 403);
  assertEquals(await ipStatus("::1", rules), 403);
  assertEquals(await ipStatus("11.1.2.3", rules), 200);
});

Deno.test("ipFilter() lets only its allow list in, and the deny list wins", async () => {
  const rules = { allowList: ["192.168.0.0/16"], denyList: ["192.168.0.9"] };
  assertEquals(await ipStatus("192.168.0.1", rules), 200);
  assertEquals(await ipStatus("192.168.0.9", rules), 403);
  assertEquals(await ipStatus("8.8.8.8", rules), 403);
});
