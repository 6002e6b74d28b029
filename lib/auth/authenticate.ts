import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { ApiKey } from "@/lib/domain/tenant.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { CallerConfig, IssuerConfig, JwtIssuer } from "@/lib/ports/tenancy.ts";
import type { ConfigEpoch } from "@/lib/ports/usage.ts";
import type { ConfigCache } from "@/lib/tenancy/config_cache.ts";
import { API_KEY_LENGTH, hashApiKey, type KeyMode, parseApiKey } from "./api_key.ts";
import { isAllowedAddress } from "./ip_allow.ts";
import { CLOCK_SKEW_MS, type JwtClaim, peekJwt, type VerifiedJwt, verifyJwt } from "./jwt.ts";
import type { JwksSource } from "./jwks_source.ts";
import { intersectScopes } from "./scopes.ts";

export interface AuthenticatorDeps {
  /** Callers by key hash. */
  readonly callers: ConfigCache;
  /** Callers by registered issuer, keyed by `issuerCredential`. */
  readonly issuers: ConfigCache<IssuerConfig>;
  readonly keys: JwksSource;
  readonly clock: Clock;
  /** Keys of the other mode are refused: test traffic must not be billed, nor live go unbilled. */
  readonly mode: KeyMode;
}

export interface Credential {
  /** The `Authorization` header. */
  readonly authorization: string | null;
  readonly ip: string;
  /** For calls that commit nothing and must still see a revocation at once. */
  readonly fresh?: boolean;
}

export interface Authenticator {
  /**
   * Who calls, under which terms. Answers without a promise while the caller is in memory. Errors:
   * `missing_credential`, `invalid_credential`, `revoked_credential`, `expired_credential`,
   * `wrong_mode_key`, `address_not_allowed`, and those of `verifyJwt`.
   */
  authenticate(credential: Credential): Result<CallerConfig> | Promise<Result<CallerConfig>>;
  /** A commit found that configuration has moved on from this epoch: look anew. */
  invalidate(epoch: ConfigEpoch): void;
}

/** How an issuer is named in its cache, and back, for the cache's `load`. */
export function issuerCredential({ tenantId, issuer }: JwtClaim): string {
  return `${tenantId} ${issuer}`;
}

/** Tenant ids have no blank, so the first one divides. */
export function parseIssuerCredential(credential: string): JwtClaim {
  const at = credential.indexOf(" ");
  return { tenantId: credential.slice(0, at), issuer: credential.slice(at + 1) };
}

export function createAuthenticator(deps: AuthenticatorDeps): Authenticator {
  const { callers, issuers, clock, mode } = deps;

  function judge(caller: CallerConfig | null, { ip }: Credential): Result<CallerConfig> {
    if (caller === null) return unknownCredential();
    const verdict = judgeKey(caller.key, { nowMs: clock.nowMs(), ip, mode });
    return verdict.ok ? accept(caller) : verdict;
  }

  function byKey(
    text: string,
    credential: Credential,
  ): Result<CallerConfig> | Promise<Result<CallerConfig>> {
    // Nearly every key is known by its hash, and then its letters need no look.
    const known = credential.fresh !== true && text.length === API_KEY_LENGTH
      ? callers.peek(hashApiKey(text))
      : undefined;
    if (known !== undefined) return judge(known, credential);
    const parsed = parseApiKey(text);
    if (!parsed.ok) return parsed;
    if (parsed.value.mode !== mode) return wrongMode(mode);
    return callers.caller(hashApiKey(text), { fresh: credential.fresh ?? false })
      .then((caller) => judge(caller, credential));
  }

  async function byJwt(token: string, credential: Credential): Promise<Result<CallerConfig>> {
    const claim = peekJwt(token);
    if (!claim.ok) return claim;
    const fresh = credential.fresh ?? false;
    const config = await issuers.caller(issuerCredential(claim.value), { fresh });
    if (config === null || config.issuer.revokedAtMs !== null) return unknownIssuer();
    const verified = await verifyJwt(token, { issuer: config.issuer, keys: deps.keys, clock });
    if (!verified.ok) return verified;
    const { epoch, tenant, plan, issuer } = config;
    return judge({ epoch, tenant, plan, key: dressAsKey(issuer, verified.value) }, credential);
  }

  return {
    authenticate: (credential) => {
      const text = bearer(credential.authorization);
      if (text === null) {
        return refuse({
          code: "missing_credential",
          detail: "Send an API key or JWT as Authorization: Bearer <credential>",
        });
      }
      return text.startsWith("cm_") || !text.includes(".")
        ? byKey(text, credential)
        : byJwt(text, credential);
    },
    invalidate: (epoch) => {
      callers.invalidate(epoch);
      issuers.invalidate(epoch);
    },
  };
}

function bearer(authorization: string | null): string | null {
  if (authorization === null || authorization.length < 8) return null;
  if (authorization.slice(0, 7).toLowerCase() !== "bearer ") return null;
  const text = authorization.slice(7).trim();
  return text === "" || text.includes(" ") ? null : text;
}

function judgeKey(
  key: ApiKey,
  { nowMs, ip, mode }: { nowMs: number; ip: string; mode: KeyMode },
): Result<"good"> {
  if (key.revokedAtMs !== null && nowMs >= key.revokedAtMs) {
    return refuse({ code: "revoked_credential", detail: `Key ${key.hint} was revoked` });
  }
  if (key.expiresAtMs !== null && nowMs >= key.expiresAtMs) {
    return refuse({ code: "expired_credential", detail: `Key ${key.hint} has expired` });
  }
  if (key.mode !== mode) return wrongMode(mode);
  if (!isAllowedAddress(ip, key.ipAllowList)) {
    const detail = `Key ${key.hint} may not be used from ${ip}`;
    return refuse({ code: "address_not_allowed", detail });
  }
  return accept("good");
}

/** A token counts as a key of its issuer, with its own grant cut to what the issuer may give. */
function dressAsKey(issuer: JwtIssuer, { subject, scopes, expiresAtMs }: VerifiedJwt): ApiKey {
  return {
    keyId: issuer.issuerId,
    tenantId: issuer.tenantId,
    name: subject,
    hash: "",
    mode: issuer.mode,
    hint: issuer.issuer,
    scopes: intersectScopes(scopes, issuer.scopes),
    ipAllowList: null,
    createdAtMs: issuer.createdAtMs,
    // As the signature check allows, for clocks that differ.
    expiresAtMs: expiresAtMs + CLOCK_SKEW_MS,
    revokedAtMs: issuer.revokedAtMs,
  };
}

function wrongMode(mode: KeyMode): Result<never> {
  return refuse({ code: "wrong_mode_key", detail: `Only ${mode} keys (cm_${mode}_…) work here` });
}

function unknownCredential(): Result<never> {
  return refuse({ code: "invalid_credential", detail: "There is no such API key" });
}

function unknownIssuer(): Result<never> {
  return refuse({
    code: "jwt_issuer_unknown",
    detail: "The tenant in the token's aud has not registered its iss",
  });
}
