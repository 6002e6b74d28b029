/** Signing in through OpenID Connect, against a provider on this machine. */
import { assert, assertEquals } from "@std/assert";
import { createAttempts } from "@/lib/auth/attempts.ts";
import { createOidcSignIn, type OidcSignIn, type OidcStart } from "@/lib/auth/oidc.ts";
import { createKvAttemptStore, createKvOneTimeStore } from "@/lib/kv/session_store.ts";
import { FixedClock, MemoryLogger } from "@/tests/support/fixed_effects.ts";
import { MemoryKv } from "@/tests/support/memory_kv.ts";
import { approve, startOidcProvider } from "@/tests/support/oidc_provider.ts";

const BROWSER = "browser-secret";
const IP = "203.0.113.1";

function open() {
  const provider = startOidcProvider();
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
  return { provider, clock, signIn, [Symbol.asyncDispose]: () => provider[Symbol.asyncDispose]() };
}

/** The browser's trip to the provider and back. */
async function visit(
  { provider, signIn }: ReturnType<typeof open>,
  start: Pick<OidcStart, "secret" | "ip" | "fresh"> = { secret: BROWSER, ip: IP },
): Promise<URL> {
  const begun = await signIn.begin({ ...start, returnTo: "/portal/keys" });
  assert(begun.ok);
  return approve(provider, begun.value.searchParams);
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
