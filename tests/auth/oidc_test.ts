/** Signing in through OpenID Connect, against a provider on this machine. */
import { assert, assertEquals } from "@std/assert";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createAttempts } from "@/lib/auth/attempts.ts";
import { createOidcSignIn, type OidcSignIn, type OidcStart } from "@/lib/auth/oidc.ts";
import { createKvAttemptStore, createKvOneTimeStore } from "@/lib/kv/session_store.ts";
import { FixedClock, MemoryLogger } from "@/tests/support/fixed_effects.ts";
import { MemoryKv } from "@/tests/support/memory_kv.ts";

const BROWSER = "browser-secret";
const IP = "203.0.113.1";
const pair = await generateKeyPair("RS256", { extractable: true });
const jwk = { ...await exportJWK(pair.publicKey), kid: "k", alg: "RS256", use: "sig" };

interface Provider {
  readonly issuer: string;
  /** What the next ID token claims beyond the usual. */
  claims: Record<string, unknown>;
  readonly tokenRequests: URLSearchParams[];
  /** Of each code. */
  readonly challenges: Map<string, string>;
  readonly nonces: Map<string, string>;
  stop(): Promise<void>;
}

function startProvider(): Provider {
  const challenges = new Map<string, string>();
  const nonces = new Map<string, string>();
  const options = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
  const server: Deno.HttpServer<Deno.NetAddr> = Deno.serve(options, async (req) => {
    const { pathname } = new URL(req.url);
    if (pathname === "/.well-known/openid-configuration") {
      return Response.json({
        issuer: provider.issuer,
        authorization_endpoint: `${provider.issuer}/authorize`,
        token_endpoint: `${provider.issuer}/token`,
        jwks_uri: `${provider.issuer}/jwks`,
        response_types_supported: ["code"],
        code_challenge_methods_supported: ["S256"],
        id_token_signing_alg_values_supported: ["RS256"],
      });
    }
    if (pathname === "/jwks") return Response.json({ keys: [jwk] });
    if (pathname !== "/token") return new Response(null, { status: 404 });
    const form = new URLSearchParams(await req.text());
    provider.tokenRequests.push(form);
    const code = form.get("code") ?? "";
    if (await s256(form.get("code_verifier") ?? "") !== challenges.get(code)) {
      return Response.json({ error: "invalid_grant" }, { status: 400 });
    }
    const now = Math.floor(Date.now() / 1_000);
    const idToken = await new SignJWT({
      iss: provider.issuer,
      aud: "client",
      sub: "user-7",
      iat: now,
      exp: now + 60,
      nonce: nonces.get(code),
      email: "Ada@Example.com",
      email_verified: true,
      name: "Ada",
      ...provider.claims,
    }).setProtectedHeader({ alg: "RS256", kid: "k" }).sign(pair.privateKey);
    return Response.json({ access_token: "a", token_type: "Bearer", id_token: idToken });
  });
  const provider: Provider = {
    issuer: `http://127.0.0.1:${server.addr.port}`,
    claims: {},
    tokenRequests: [],
    challenges,
    nonces,
    stop: () => server.shutdown(),
  };
  return provider;
}

async function s256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(digest)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function open() {
  const provider = startProvider();
  const clock = new FixedClock();
  const signIn = createOidcSignIn({
    issuer: provider.issuer,
    clientId: "client",
    clientSecret: "secret",
    redirectUri: "https://meter.example.com/portal/sign-in/oidc",
    oneTime: createKvOneTimeStore(new MemoryKv(), () => clock.nowMs()),
    attempts: createAttempts({ store: createKvAttemptStore(new MemoryKv()), clock }),
    clock,
    logger: new MemoryLogger(),
    allowHttp: true,
  });
  return { provider, clock, signIn, [Symbol.asyncDispose]: () => provider.stop() };
}

/** The browser's trip to the provider and back. */
async function visit(
  { provider, signIn }: ReturnType<typeof open>,
  start: Pick<OidcStart, "secret" | "ip" | "fresh"> = { secret: BROWSER, ip: IP },
): Promise<URL> {
  const begun = await signIn.begin({ ...start, returnTo: "/portal/keys" });
  assert(begun.ok);
  const asked = begun.value.searchParams;
  const code = `code-${provider.challenges.size}`;
  provider.challenges.set(code, asked.get("code_challenge") ?? "");
  provider.nonces.set(code, asked.get("nonce") ?? "");
  const back = new URL(asked.get("redirect_uri") ?? "");
  back.search = new URLSearchParams({ code, state: asked.get("state") ?? "" }).toString();
  return back;
}

async function finish(signIn: OidcSignIn, back: URL, browser: string | null = BROWSER) {
  const result = await signIn.finish(back, browser);
  return result.ok ? result.value.email : result.error.code;
}

Deno.test("a provider's verified person is signed in, once, by PKCE, state and nonce", async () => {
  await using world = open();
  const begun = await world.signIn.begin({ secret: BROWSER, returnTo: "/", ip: IP });
  assert(begun.ok);
  const asked = begun.value.searchParams;
  assertEquals(asked.get("code_challenge_method"), "S256");
  assert((asked.get("state") ?? "").length >= 43 && (asked.get("nonce") ?? "").length >= 43);
  const back = await visit(world);
  const result = await world.signIn.finish(back, BROWSER);
  assertEquals(result, {
    ok: true,
    value: {
      subject: "user-7",
      email: "ada@example.com",
      name: "Ada",
      provenAtMs: 0,
      returnTo: "/portal/keys",
    },
  });
  assertEquals(await finish(world.signIn, back), "sign_in_failed");
  assertEquals(world.provider.tokenRequests.length, 1);
});

Deno.test("a callback of another browser, state or time asks the provider nothing", async () => {
  await using world = open();
  const back = await visit(world);
  assertEquals(await finish(world.signIn, back, "other"), "sign_in_failed");
  assertEquals(await finish(world.signIn, back, null), "sign_in_failed");
  const forged = new URL(back);
  forged.searchParams.set("state", "guessed");
  assertEquals(await finish(world.signIn, forged), "sign_in_failed");
  world.clock.advance(10 * 60_000);
  assertEquals(await finish(world.signIn, back), "sign_in_failed");
  assertEquals(world.provider.tokenRequests.length, 0);
});

Deno.test("a token with a foreign nonce, audience, issuer or unverified address is refused", async () => {
  await using world = open();
  const wrong: Record<string, unknown>[] = [
    { nonce: "other" },
    { aud: "someone-else" },
    { iss: "https://evil.com" },
    { exp: 1 },
    { email_verified: false },
    { email_verified: "true" },
    { email: undefined },
    { email: "not an address" },
  ];
  for (const claims of wrong) {
    world.provider.claims = claims;
    const back = await visit(world);
    assertEquals(await finish(world.signIn, back), "sign_in_failed", JSON.stringify(claims));
  }
});

Deno.test("a code stolen from one sign-in is worthless in another", async () => {
  await using world = open();
  const victim = await visit(world);
  const own = await visit(world);
  own.searchParams.set("code", victim.searchParams.get("code") ?? "");
  assertEquals(await finish(world.signIn, own), "sign_in_failed");
});

Deno.test("a provider that is away is said so, and asked again the next time", async () => {
  const logger = new MemoryLogger();
  const clock = new FixedClock();
  const signIn = createOidcSignIn({
    issuer: "http://127.0.0.1:1",
    clientId: "client",
    clientSecret: "hunter2",
    redirectUri: "https://meter.example.com/cb",
    oneTime: createKvOneTimeStore(new MemoryKv(), () => clock.nowMs()),
    attempts: createAttempts({ store: createKvAttemptStore(new MemoryKv()), clock }),
    clock,
    logger,
    allowHttp: true,
  });
  for (let count = 0; count < 2; count++) {
    const begun = await signIn.begin({ secret: BROWSER, returnTo: "/", ip: IP });
    assertEquals(begun.ok ? "" : begun.error.code, "sign_in_failed");
  }
  assertEquals(logger.lines.map(({ event }) => event), ["oidc_begin_failed", "oidc_begin_failed"]);
});

Deno.test("a step-up asks for a new proof and takes no older one for it", async () => {
  await using world = open();
  const fresh = { secret: BROWSER, ip: IP, fresh: true };
  const begun = await world.signIn.begin({ ...fresh, returnTo: "/" });
  assert(begun.ok);
  assertEquals(begun.value.searchParams.get("prompt"), "login");
  assertEquals(begun.value.searchParams.get("max_age"), "0");
  const nowSeconds = Math.floor(world.clock.nowMs() / 1_000);
  for (const auth_time of [undefined, 0, nowSeconds - 3_600, "now"]) {
    world.provider.claims = { auth_time };
    assertEquals(await finish(world.signIn, await visit(world, fresh)), "sign_in_failed");
  }
  world.provider.claims = { auth_time: nowSeconds };
  assertEquals(await finish(world.signIn, await visit(world, fresh)), "ada@example.com");
});

Deno.test("starting over and over has a limit for each address", async () => {
  await using world = open();
  for (let count = 0; count < 30; count++) await visit(world);
  const begun = await world.signIn.begin({ secret: BROWSER, returnTo: "/", ip: IP });
  assertEquals(begun.ok ? "" : begun.error.code, "rate_limited");
});
