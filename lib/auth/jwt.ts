import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from "jose";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { JwtIssuer } from "@/lib/ports/tenancy.ts";
import type { JwksSource } from "./jwks_source.ts";

/** Asymmetric only: with a symmetric one, whoever verifies could also sign. */
export const JWT_ALGORITHMS = [
  "ES256",
  "ES384",
  "EdDSA",
  "Ed25519",
  "PS256",
  "PS384",
  "PS512",
  "RS256",
  "RS384",
  "RS512",
] as const;

const MAX_TOKEN_LETTERS = 8_192;
const MAX_AGE_SECONDS = 24 * 3_600;
export const CLOCK_SKEW_MS = 60_000;
const AUDIENCE_PREFIX = "urn:clawmeter:tenant:";
/** Header parameters that would let a token choose its own key or meaning. */
const REFUSED_HEADERS = ["jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "enc"] as const;

/** What `aud` must be in a token that speaks for a tenant. */
export function jwtAudience(tenantId: string): string {
  return AUDIENCE_PREFIX + tenantId;
}

/** What a token claims before anything of it is proven; only to find out whose keys to use. */
export interface JwtClaim {
  readonly tenantId: string;
  readonly issuer: string;
}

export interface VerifiedJwt {
  readonly subject: string;
  /** As the token asks, not yet cut to what the issuer may grant. */
  readonly scopes: readonly string[];
  readonly expiresAtMs: number;
}

/** Errors: `jwt_malformed`, `jwt_algorithm_refused`, `jwt_claim_invalid`. No key, no network. */
export function peekJwt(token: string): Result<JwtClaim> {
  const parts = token.split(".");
  if (token.length > MAX_TOKEN_LETTERS || parts.length !== 3) return malformed();
  const header = decodePart(parts[0] ?? "");
  const payload = decodePart(parts[1] ?? "");
  if (header === null || payload === null) return malformed();
  const judged = judgeHeader(header);
  if (!judged.ok) return judged;
  const audience = payload["aud"];
  const tenants = (Array.isArray(audience) ? audience : [audience])
    .filter((one) => typeof one === "string" && one.startsWith(AUDIENCE_PREFIX));
  if (tenants.length !== 1 || typeof tenants[0] !== "string") {
    return claimInvalid(`"aud" must name one tenant, as ${AUDIENCE_PREFIX}<tenant id>`);
  }
  if (typeof payload["iss"] !== "string") return claimInvalid('"iss" is missing');
  return accept({ tenantId: tenants[0].slice(AUDIENCE_PREFIX.length), issuer: payload["iss"] });
}

/**
 * Proves a token with the registered issuer's published keys and nothing that the token says about
 * itself. Errors: `jwt_algorithm_refused`, `jwt_signature_invalid`, `jwt_key_unknown`,
 * `jwt_claim_invalid`, `jwt_expired`, `jwks_unavailable`.
 */
export async function verifyJwt(
  token: string,
  { issuer, keys, clock }: { issuer: JwtIssuer; keys: JwksSource; clock: Clock },
): Promise<Result<VerifiedJwt>> {
  const known = await keys.keys(issuer.jwksUrl);
  if (!known.ok) return known;
  const verified = await verifyWith(token, { issuer, set: known.value, clock });
  if (verified.ok || verified.error.code !== "jwt_key_unknown") return verified;
  // The issuer may have rotated its keys since we read them; the source bounds how often we look.
  const newer = await keys.refreshed(issuer.jwksUrl);
  return newer === null ? verified : await verifyWith(token, { issuer, set: newer, clock });
}

async function verifyWith(
  token: string,
  { issuer, set, clock }: { issuer: JwtIssuer; set: JSONWebKeySet; clock: Clock },
): Promise<Result<VerifiedJwt>> {
  try {
    const { payload } = await jwtVerify(token, resolverOf(set), {
      algorithms: issuer.algorithms.filter(isAllowedAlgorithm),
      issuer: issuer.issuer,
      audience: jwtAudience(issuer.tenantId),
      requiredClaims: ["iss", "aud", "exp", "iat", "sub"],
      maxTokenAge: MAX_AGE_SECONDS,
      clockTolerance: CLOCK_SKEW_MS / 1_000,
      currentDate: new Date(clock.nowMs()),
    });
    const { sub = "", exp = 0 } = payload;
    const scope = payload["scope"];
    const scopes = typeof scope === "string" ? scope.split(" ").filter((word) => word !== "") : [];
    return accept({ subject: sub, scopes, expiresAtMs: exp * 1_000 });
  } catch (error) {
    return refusalOf(error);
  }
}

/** Imported keys of a set, for as long as the set is held. */
const RESOLVERS = new WeakMap<JSONWebKeySet, ReturnType<typeof createLocalJWKSet>>();

function resolverOf(set: JSONWebKeySet): ReturnType<typeof createLocalJWKSet> {
  const known = RESOLVERS.get(set) ?? createLocalJWKSet(set);
  RESOLVERS.set(set, known);
  return known;
}

function refusalOf(error: unknown): Result<never> {
  if (error instanceof errors.JWTExpired) {
    return refuse({ code: "jwt_expired", detail: "The token has expired; ask for a new one" });
  }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return claimInvalid(`"${error.claim}" is missing or not acceptable`);
  }
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) {
    return algorithmRefused();
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    const detail = "The issuer publishes no key that fits the token's kid and algorithm";
    return refuse({ code: "jwt_key_unknown", detail });
  }
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid) return malformed();
  return refuse({
    code: "jwt_signature_invalid",
    detail: "The token is not signed by its issuer's published key",
  });
}

function judgeHeader(header: Readonly<Record<string, unknown>>): Result<"fit"> {
  const { alg, typ } = header;
  if (typeof alg !== "string" || !isAllowedAlgorithm(alg)) return algorithmRefused();
  const smuggled = REFUSED_HEADERS.find((name) => Object.hasOwn(header, name));
  if (smuggled !== undefined) {
    const detail = `The token's header must not have ${JSON.stringify(smuggled)}`;
    return refuse({ code: "jwt_algorithm_refused", detail });
  }
  if (
    typ !== undefined && !(typeof typ === "string" && /^(application\/)?(at\+)?jwt$/i.test(typ))
  ) {
    return claimInvalid('"typ" must be JWT or at+jwt');
  }
  return accept("fit");
}

function isAllowedAlgorithm(algorithm: string): boolean {
  return JWT_ALGORITHMS.some((allowed) => allowed === algorithm);
}

/** `null` for what is not a JSON object, or has the same member twice. */
function decodePart(part: string): Record<string, unknown> | null {
  if (!/^[\w-]+$/.test(part)) return null;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(
      Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0)),
    );
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    const names = [...text.matchAll(/"(?:[^"\\]|\\.)*"(?=\s*:)/g)];
    const distinct = countNames(value);
    return names.length === distinct ? { ...value } : null;
  } catch {
    return null;
  }
}

/** Names in all objects of a value; fewer than are written means one is written twice. */
function countNames(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce<number>((sum, member) => sum + countNames(member), own);
}

function malformed(): Result<never> {
  return refuse({ code: "jwt_malformed", detail: "The bearer token is neither a key nor a JWT" });
}

function algorithmRefused(): Result<never> {
  const detail = `The token must be signed with one of ${JWT_ALGORITHMS.join(", ")}`;
  return refuse({ code: "jwt_algorithm_refused", detail });
}

function claimInvalid(detail: string): Result<never> {
  return refuse({ code: "jwt_claim_invalid", detail });
}
