/** An OpenID Connect provider on this machine: whoever comes is signed in as its one person. */
import { exportJWK, generateKeyPair, SignJWT } from "jose";

const pair = await generateKeyPair("RS256", { extractable: true });
const jwk = { ...await exportJWK(pair.publicKey), kid: "k", alg: "RS256", use: "sig" };

export interface OidcProvider extends AsyncDisposable {
  readonly issuer: string;
  /** What the next ID token claims beyond the usual. */
  claims: Record<string, unknown>;
  readonly tokenRequests: URLSearchParams[];
  /** What browsers were sent with. */
  readonly asked: URLSearchParams[];
  /** Of each code. */
  readonly challenges: Map<string, string>;
  readonly nonces: Map<string, string>;
}

export function startOidcProvider(): OidcProvider {
  const challenges = new Map<string, string>();
  const nonces = new Map<string, string>();
  const options = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
  const server: Deno.HttpServer<Deno.NetAddr> = Deno.serve(options, async (req) => {
    const { pathname, searchParams } = new URL(req.url);
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
    if (pathname === "/authorize") {
      provider.asked.push(searchParams);
      return Response.redirect(approve(provider, searchParams), 303);
    }
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
  const provider: OidcProvider = {
    issuer: `http://127.0.0.1:${server.addr.port}`,
    claims: {},
    tokenRequests: [],
    asked: [],
    challenges,
    nonces,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
  return provider;
}

/** The person agrees: where the browser goes back to. */
export function approve(
  { challenges, nonces }: Pick<OidcProvider, "challenges" | "nonces">,
  asked: URLSearchParams,
): URL {
  const code = `code-${challenges.size}`;
  challenges.set(code, asked.get("code_challenge") ?? "");
  nonces.set(code, asked.get("nonce") ?? "");
  const back = new URL(asked.get("redirect_uri") ?? "");
  back.search = new URLSearchParams({ code, state: asked.get("state") ?? "" }).toString();
  return back;
}

async function s256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(digest)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
