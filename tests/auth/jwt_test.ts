/** Attacks on JWTs, after RFC 8725 and the case names of Wycheproof's JWS vectors. */
import { assert, assertEquals } from "@std/assert";
import { base64url, exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from "jose";
import { createJwksSource } from "@/lib/auth/jwks_source.ts";
import { CLOCK_SKEW_MS, jwtAudience, peekJwt, verifyJwt } from "@/lib/auth/jwt.ts";
import type { OutboundAnswer } from "@/lib/ports/outbound.ts";
import type { JwtIssuer } from "@/lib/ports/tenancy.ts";
import { FixedClock } from "@/tests/support/fixed_effects.ts";

const ISSUER: JwtIssuer = {
  issuerId: "iss_1",
  tenantId: "ten_a",
  issuer: "https://id.example.com",
  jwksUrl: "https://id.example.com/jwks",
  algorithms: ["ES256", "RS256"],
  mode: "live",
  scopes: ["ratings:read"],
  createdAtMs: 0,
  revokedAtMs: null,
};
const NOW_MS = Date.UTC(2026, 5, 1, 12);
const NOW = NOW_MS / 1_000;
const es = await generateKeyPair("ES256", { extractable: true });
const rs = await generateKeyPair("RS256", { extractable: true });
const stranger = await generateKeyPair("ES256", { extractable: true });
const KEYS: JWK[] = [
  { ...await exportJWK(es.publicKey), kid: "es", alg: "ES256" },
  { ...await exportJWK(rs.publicKey), kid: "rs", alg: "RS256" },
];
const CLAIMS = {
  iss: ISSUER.issuer,
  aud: jwtAudience("ten_a"),
  sub: "service",
  iat: NOW,
  exp: NOW + 300,
  scope: "ratings:read prices:write",
};

function world(keys: () => JWK[] | null = () => KEYS) {
  const clock = new FixedClock(NOW_MS);
  let fetches = 0;
  const source = createJwksSource({
    clock,
    resolver: { addresses: () => Promise.resolve(["93.184.216.34"]) },
    outbound: {
      send: (): Promise<OutboundAnswer> => {
        fetches++;
        const set = keys();
        return Promise.resolve(
          set === null
            ? { ok: false, code: "unreachable", detail: "down" }
            : { ok: true, status: 200, contentType: "", text: JSON.stringify({ keys: set }) },
        );
      },
    },
  });
  return { clock, source, fetches: () => fetches };
}

interface Forging {
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly key?: CryptoKey | Uint8Array;
}

function sign({ claims = {}, header = {}, key = es.privateKey }: Forging = {}): Promise<string> {
  return new SignJWT({ ...CLAIMS, ...claims })
    .setProtectedHeader({ alg: "ES256", kid: "es", typ: "JWT", ...header })
    .sign(key);
}

/** Header and payload as given, with any signature. */
function raw(header: unknown, payload: unknown, signature = "c2ln"): string {
  const part = (value: unknown) =>
    base64url.encode(typeof value === "string" ? value : JSON.stringify(value));
  return `${part(header)}.${part(payload)}.${signature}`;
}

/** As the authenticator does it: look first, then prove. */
async function judge(token: string, at = world()): Promise<string> {
  const peeked = peekJwt(token);
  if (!peeked.ok) return peeked.error.code;
  const verified = await verifyJwt(token, { issuer: ISSUER, keys: at.source, clock: at.clock });
  return verified.ok ? "verified" : verified.error.code;
}

Deno.test("a token of the registered issuer is proven, with its scopes and end", async () => {
  const { clock, source } = world();
  const verified = await verifyJwt(await sign(), { issuer: ISSUER, keys: source, clock });
  assert(verified.ok);
  assertEquals(verified.value, {
    subject: "service",
    scopes: ["ratings:read", "prices:write"],
    expiresAtMs: NOW_MS + 300_000,
  });
  const rsa = await sign({ header: { alg: "RS256", kid: "rs" }, key: rs.privateKey });
  assertEquals(await judge(rsa), "verified");
  assertEquals(await judge(await sign({ header: { typ: "at+jwt" } })), "verified");
});

Deno.test("AlgIsNone: an unsigned token is refused in every spelling of none", async () => {
  for (const alg of ["none", "None", "NONE", "nOnE", ""]) {
    for (const signature of ["", "c2ln"]) {
      assertEquals(
        await judge(raw({ alg, kid: "es" }, CLAIMS, signature)),
        "jwt_algorithm_refused",
      );
    }
  }
});

Deno.test("SymmetryConfusion: HMAC with the public key as secret is refused", async () => {
  const pem = new TextEncoder().encode(await exportSPKI(rs.publicKey));
  for (const alg of ["HS256", "HS384", "HS512"]) {
    const forged = await sign({ header: { alg, kid: "rs" }, key: pem });
    assertEquals(await judge(forged), "jwt_algorithm_refused");
  }
});

Deno.test("EmbeddedJwk: a token can't bring, point to or choose its own key", async () => {
  const jwk = await exportJWK(stranger.publicKey);
  const smuggled: Record<string, unknown>[] = [
    { jwk },
    { jku: "https://evil.com/jwks" },
    { x5u: "https://evil.com/cert" },
    { x5c: ["MIIB"] },
    { crit: ["exp"], exp: 1 },
    { crit: ["b64"], b64: false },
    { b64: false },
    { zip: "DEF" },
    { enc: "A128GCM" },
  ];
  for (const extra of smuggled) {
    const header = { alg: "ES256", kid: "es", ...extra };
    assertEquals(await judge(raw(header, CLAIMS)), "jwt_algorithm_refused", JSON.stringify(extra));
  }
});

Deno.test("a token signed by a stranger is refused, whatever key id it names", async () => {
  for (const kid of ["es", "rs", "../../etc/passwd", "' OR 1=1 --", "", "\u0000"]) {
    const code = await judge(await sign({ header: { kid }, key: stranger.privateKey }));
    assert(["jwt_signature_invalid", "jwt_key_unknown"].includes(code), `${kid}: ${code}`);
  }
});

Deno.test("a key is used only with its own algorithm and the issuer's list", async () => {
  const ps = raw({ alg: "PS256", kid: "rs" }, CLAIMS);
  assertEquals(await judge(ps), "jwt_algorithm_refused");
  const mixed = raw({ alg: "RS256", kid: "es" }, CLAIMS);
  assertEquals(await judge(mixed), "jwt_key_unknown");
  for (const alg of ["ES256K", "RS1", "dir", "A128KW", "EdDSA512", "es256"]) {
    assertEquals(await judge(raw({ alg, kid: "es" }, CLAIMS)), "jwt_algorithm_refused", alg);
  }
});

Deno.test("changing one letter anywhere in a token makes it worthless", async () => {
  const token = await sign();
  const at = world();
  for (let index = 0; index < token.length; index += 7) {
    const letter = token[index] === "A" ? "B" : "A";
    if (token[index] === ".") continue;
    const changed = token.slice(0, index) + letter + token.slice(index + 1);
    // The last letter of a signature has two bits that nobody reads.
    if (changed === token || index === token.length - 1) continue;
    assert(await judge(changed, at) !== "verified", `letter ${index}`);
  }
});

Deno.test("issuer, audience and tenant must be exactly the registered ones", async () => {
  const wrong: [Record<string, unknown>, string][] = [
    [{ iss: "https://id.example.com/" }, "jwt_claim_invalid"],
    [{ iss: "https://evil.com" }, "jwt_claim_invalid"],
    [{ iss: undefined }, "jwt_claim_invalid"],
    [{ aud: jwtAudience("ten_b") }, "jwt_claim_invalid"],
    [{ aud: "urn:other" }, "jwt_claim_invalid"],
    [{ aud: undefined }, "jwt_claim_invalid"],
    [{ aud: [jwtAudience("ten_a"), jwtAudience("ten_b")] }, "jwt_claim_invalid"],
    [{ sub: undefined }, "jwt_claim_invalid"],
    [{ iat: undefined }, "jwt_claim_invalid"],
    [{ exp: undefined }, "jwt_claim_invalid"],
    [{ exp: "soon" }, "jwt_claim_invalid"],
  ];
  for (const [claims, code] of wrong) {
    assertEquals(await judge(await sign({ claims })), code, JSON.stringify(claims));
  }
  assertEquals(
    await judge(await sign({ claims: { aud: [jwtAudience("ten_a"), "x"] } })),
    "verified",
  );
});

Deno.test("time is kept to the second, with a minute of skew and a day of age at most", async () => {
  const skew = CLOCK_SKEW_MS / 1_000;
  const table: [Record<string, number>, string][] = [
    [{ exp: NOW - skew + 1 }, "verified"],
    [{ exp: NOW - skew }, "jwt_expired"],
    [{ nbf: NOW + skew }, "verified"],
    [{ nbf: NOW + skew + 1 }, "jwt_claim_invalid"],
    [{ iat: NOW + skew }, "verified"],
    [{ iat: NOW + skew + 1 }, "jwt_claim_invalid"],
    [{ iat: NOW - 86_400, exp: NOW + 1 }, "verified"],
    [{ iat: NOW - 86_400 - skew - 1, exp: NOW + 1 }, "jwt_expired"],
  ];
  for (const [claims, code] of table) {
    assertEquals(await judge(await sign({ claims })), code, JSON.stringify(claims));
  }
});

Deno.test("what two readers could read differently is refused before any key is fetched", async () => {
  const at = world();
  const body = JSON.stringify(CLAIMS);
  const doubled = body.replace("{", '{"iss":"https://evil.com",');
  const malformed = [
    "",
    ".",
    "..",
    "a.b.c",
    "a.b.c.d",
    raw("[]", CLAIMS),
    raw("null", CLAIMS),
    raw({ alg: "ES256" }, "not json"),
    raw({ alg: "ES256" }, doubled),
    raw('{"alg":"ES256","alg":"none"}', CLAIMS),
    raw({ alg: "ES256" }, { ...CLAIMS, pad: "x".repeat(1_000_000) }),
    `${await sign()}.`,
    ` ${await sign()}`,
    (await sign()).replaceAll(".", "="),
  ];
  for (const token of malformed) assertEquals(await judge(token, at), "jwt_malformed");
  assertEquals(at.fetches(), 0);
});

Deno.test("a token type of another purpose is refused", async () => {
  for (const typ of ["JWE", "dpop+jwt", "logout+jwt", "secevent+jwt", 7]) {
    assertEquals(await judge(raw({ alg: "ES256", typ }, CLAIMS)), "jwt_claim_invalid");
  }
});

Deno.test("a flood of unknown key ids fetches the set once in half a minute", async () => {
  const at = world();
  for (let index = 0; index < 50; index++) {
    const token = await sign({ header: { kid: `k${index}` }, key: stranger.privateKey });
    assertEquals(await judge(token, at), "jwt_key_unknown");
  }
  assertEquals(at.fetches(), 1);
  at.clock.advance(30_000);
  const token = await sign({ header: { kid: "k" }, key: stranger.privateKey });
  await Promise.all(Array.from({ length: 20 }, () => judge(token, at)));
  assertEquals(at.fetches(), 2);
});

Deno.test("a rotated key is found once the cooldown has passed", async () => {
  const next = await generateKeyPair("ES256", { extractable: true });
  let keys = KEYS;
  const at = world(() => keys);
  assertEquals(await judge(await sign(), at), "verified");
  keys = [{ ...await exportJWK(next.publicKey), kid: "next", alg: "ES256" }];
  const token = await sign({ header: { kid: "next" }, key: next.privateKey });
  assertEquals(await judge(token, at), "jwt_key_unknown");
  at.clock.advance(30_000);
  assertEquals(await judge(token, at), "verified");
});

Deno.test("an outage of the issuer keeps the last good set, and none is 503", async () => {
  let up = true;
  const at = world(() => up ? KEYS : null);
  assertEquals(await judge(await sign(), at), "verified");
  up = false;
  at.clock.advance(11 * 60_000);
  const later = { iat: NOW + 660, exp: NOW + 900 };
  assertEquals(await judge(await sign({ claims: later }), at), "verified");
  assertEquals(await judge(await sign(), world(() => null)), "jwks_unavailable");
});

Deno.test("a set that publishes private or symmetric keys is not used", async () => {
  const leaked = [{ ...await exportJWK(es.privateKey), kid: "es" }];
  assertEquals(await judge(await sign(), world(() => leaked)), "jwks_unavailable");
  const symmetric = [{ kty: "oct", k: "c2VjcmV0", kid: "es" }];
  assertEquals(await judge(await sign(), world(() => symmetric)), "jwks_unavailable");
});
