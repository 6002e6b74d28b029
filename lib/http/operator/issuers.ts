import { z } from "zod";
import { JWT_ALGORITHMS } from "@/lib/auth/jwt.ts";
import { accept } from "@/lib/domain/result.ts";
import { registerIssuer, revokeIssuer } from "@/lib/tenancy/issuers.ts";
import { NOTHING, operation } from "./operation.ts";
import { pathTenant } from "./tenant_view.ts";
import { toJson } from "./to_json.ts";

const IssuerText = z.string().min(1).max(500);

export const listIssuers = operation({
  id: "listIssuers",
  method: "GET",
  path: "/operator/v1/tenants/{tenant}/issuers",
  tag: "JWT issuers",
  summary: "List the token services that may speak for a tenant",
  input: NOTHING,
  answer: { status: 200, description: "All issuers, revoked ones too" },
  problems: ["unknown_tenant"],
  async run(call) {
    const found = await pathTenant(call);
    if (!found.ok) return found;
    const issuers = await call.services.issuers.issuers(found.value.value.tenantId);
    return accept({ body: { items: toJson(issuers) } });
  },
});

export const putIssuer = operation({
  id: "registerIssuer",
  method: "PUT",
  path: "/operator/v1/tenants/{tenant}/issuers",
  tag: "JWT issuers",
  summary: "Register a token service by its exact `iss`, or change a registered one",
  input: z.strictObject({
    issuer: IssuerText,
    jwks_url: z.string().max(2_000),
    algorithms: z.array(z.enum(JWT_ALGORITHMS)).min(1).max(20),
    mode: z.enum(["live", "test"]),
    scopes: z.array(z.string().max(60)).min(1).max(30),
  }),
  answer: { status: 200, description: "In force from the next call on" },
  problems: ["unknown_tenant", "url_refused", "invalid_scope", "too_many_issuers", "conflict"],
  async run(call) {
    const found = await pathTenant(call);
    if (!found.ok) return found;
    const { services, act, input: { jwks_url: jwksUrl, ...input } } = call;
    const { tenantId } = found.value.value;
    const registered = await registerIssuer({ ...input, jwksUrl, tenantId }, {
      deps: services,
      act,
    });
    return registered.ok ? accept({ body: toJson(registered.value) }) : registered;
  },
});

export const endIssuer = operation({
  id: "revokeIssuer",
  method: "POST",
  path: "/operator/v1/tenants/{tenant}/issuers/revoke",
  tag: "JWT issuers",
  summary: "Refuse an issuer's tokens from the next call on",
  input: z.strictObject({ issuer: IssuerText }),
  answer: { status: 200, description: "Revoked" },
  problems: ["unknown_issuer", "conflict"],
  async run({ services, act, params, input: { issuer } }) {
    const tenantId = params.tenant ?? "";
    const revoked = await revokeIssuer({ tenantId, issuer }, { deps: services, act });
    return revoked.ok ? accept({ body: toJson(revoked.value) }) : revoked;
  },
});
