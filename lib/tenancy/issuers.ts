import { JWT_ALGORITHMS } from "@/lib/auth/jwt.ts";
import { parseScopes } from "@/lib/auth/scopes.ts";
import { guardUrl } from "@/lib/auth/ssrf.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { TenantId } from "@/lib/domain/tenant.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { NameResolver } from "@/lib/ports/outbound.ts";
import type { IssuerStore, JwtIssuer } from "@/lib/ports/tenancy.ts";
import { type Act, auditDraft } from "./act.ts";

export interface IssuersDeps {
  readonly issuers: IssuerStore;
  readonly resolver: NameResolver;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface NewIssuer {
  readonly tenantId: TenantId;
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly algorithms: readonly string[];
  readonly mode: "live" | "test";
  readonly scopes: readonly string[];
}

const MAX_ISSUERS = 10;

/** Errors: `url_refused`, `validation_failed`, `invalid_scope`, `too_many_issuers`, `conflict`. */
export async function registerIssuer(
  input: NewIssuer,
  { deps, act }: { deps: IssuersDeps; act: Act },
): Promise<Result<JwtIssuer>> {
  const scopes = parseScopes(input.scopes);
  if (!scopes.ok) return scopes;
  if (input.issuer === "" || input.issuer.length > 500) {
    const detail = "The issuer is the exact text of iss, at most 500 characters";
    return refuse({ code: "validation_failed", detail, pointer: "/issuer" });
  }
  const foreign = input.algorithms.find((name) => !JWT_ALGORITHMS.some((known) => known === name));
  if (foreign !== undefined || input.algorithms.length === 0) {
    const detail = `Choose from ${JWT_ALGORITHMS.join(", ")}`;
    return refuse({ code: "validation_failed", detail, pointer: "/algorithms" });
  }
  const url = await guardUrl(input.jwksUrl, deps.resolver);
  if (!url.ok) return refuse({ ...url.error, pointer: "/jwks_url" });
  const known = await deps.issuers.issuers(input.tenantId);
  const active = known.filter(({ revokedAtMs }) => revokedAtMs === null);
  if (active.length >= MAX_ISSUERS) {
    const detail = `A tenant has at most ${MAX_ISSUERS} issuers`;
    return refuse({ code: "too_many_issuers", detail });
  }
  const previous = await deps.issuers.issuer(input.tenantId, input.issuer);
  const nowMs = deps.clock.nowMs();
  const issuer: JwtIssuer = {
    ...input,
    issuerId: previous?.value.issuerId ?? deps.ids.next("iss"),
    jwksUrl: url.value.url,
    scopes: scopes.value,
    createdAtMs: previous?.value.createdAtMs ?? nowMs,
    revokedAtMs: null,
  };
  return await put(issuer, {
    deps,
    act,
    previous,
    action: previous === null ? "issuer.registered" : "issuer.changed",
  });
}

/** Its tokens stop working at once. Errors: `unknown_issuer`, `conflict`. */
export async function revokeIssuer(
  { tenantId, issuer }: { tenantId: TenantId; issuer: string },
  { deps, act }: { deps: IssuersDeps; act: Act },
): Promise<Result<JwtIssuer>> {
  const previous = await deps.issuers.issuer(tenantId, issuer);
  if (previous === null) {
    return refuse({ code: "unknown_issuer", detail: "There is no such issuer" });
  }
  const revoked = { ...previous.value, revokedAtMs: deps.clock.nowMs() };
  return await put(revoked, { deps, act, previous, action: "issuer.revoked" });
}

async function put(
  issuer: JwtIssuer,
  { deps, act, previous, action }: {
    deps: IssuersDeps;
    act: Act;
    previous: { value: JwtIssuer; versionstamp: string } | null;
    action: string;
  },
): Promise<Result<JwtIssuer>> {
  const audit = auditDraft(act, {
    chain: issuer.tenantId,
    atMs: deps.clock.nowMs(),
    action,
    subject: issuer.issuerId,
    before: previous?.value,
    after: issuer,
  });
  const written = await deps.issuers.putIssuer(issuer, previous?.versionstamp ?? null, audit);
  if (written.ok) return accept(issuer);
  return refuse({ code: "conflict", detail: "Somebody else changed this issuer meanwhile" });
}
