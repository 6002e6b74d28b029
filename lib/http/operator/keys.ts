import { z } from "zod";
import { accept } from "@/lib/domain/result.ts";
import { createApiKey, revokeApiKey, rotateApiKey } from "@/lib/tenancy/api_keys.ts";
import { NOTHING, operation } from "./operation.ts";
import { pathTenant } from "./tenant_view.ts";
import { toJson } from "./to_json.ts";

export const listKeys = operation({
  id: "listKeys",
  method: "GET",
  path: "/operator/v1/tenants/{tenant}/keys",
  tag: "Keys",
  summary: "List a tenant's API keys, without their secrets",
  input: NOTHING,
  answer: { status: 200, description: "All keys, revoked ones too" },
  problems: ["unknown_tenant"],
  async run(call) {
    const found = await pathTenant(call);
    if (!found.ok) return found;
    const keys = await call.services.tenants.apiKeys(found.value.value.tenantId);
    return accept({ body: { items: toJson(keys) } });
  },
});

export const addKey = operation({
  id: "createKey",
  method: "POST",
  path: "/operator/v1/tenants/{tenant}/keys",
  tag: "Keys",
  summary: "Create an API key; its secret is in this answer and nowhere else",
  input: z.strictObject({
    name: z.string().max(400),
    mode: z.enum(["live", "test"]),
    scopes: z.array(z.string().max(60)).min(1).max(30),
    ip_allow_list: z.array(z.string().max(60)).max(100).optional(),
    expires_at: z.iso.datetime({ offset: true }).nullable().default(null),
  }),
  answer: { status: 201, description: "The key with its secret" },
  problems: [
    "unknown_tenant",
    "invalid_scope",
    "invalid_address_range",
    "invalid_expiry",
    "too_many_keys",
  ],
  async run({ services, act, params, input }) {
    const { name, mode, scopes, ip_allow_list, expires_at } = input;
    const created = await createApiKey({
      tenantId: params.tenant ?? "",
      name,
      mode,
      scopes,
      ...(ip_allow_list === undefined ? {} : { ipAllowList: ip_allow_list }),
      expiresAtMs: expires_at === null ? null : Date.parse(expires_at),
    }, { deps: services, act });
    if (!created.ok) return created;
    return accept({ body: toJson(created.value) });
  },
});

export const rotateKey = operation({
  id: "rotateKey",
  method: "POST",
  path: "/operator/v1/tenants/{tenant}/keys/{key}/rotate",
  tag: "Keys",
  summary: "Replace a key by a new one with the same rights",
  description: "The old key works for `grace_seconds` more, at most 30 days. Two keys change, so " +
    "there are two audit rows.",
  input: z.strictObject({ grace_seconds: z.int().min(0).max(30 * 86_400).default(86_400) }),
  answer: { status: 201, description: "The new key with its secret, and the previous one" },
  problems: ["unknown_key", "key_not_active", "invalid_expiry", "conflict"],
  async run({ services, act, params, input }) {
    const { tenant: tenantId = "", key: keyId = "" } = params;
    const rotation = { tenantId, keyId, graceMs: input.grace_seconds * 1_000 };
    const rotated = await rotateApiKey(rotation, { deps: services, act });
    return rotated.ok ? accept({ body: toJson(rotated.value) }) : rotated;
  },
});

export const revokeKey = operation({
  id: "revokeKey",
  method: "POST",
  path: "/operator/v1/tenants/{tenant}/keys/{key}/revoke",
  tag: "Keys",
  summary: "Revoke a key; it is refused from the next call on, on every instance",
  input: NOTHING,
  answer: { status: 200, description: "Revoked" },
  problems: ["unknown_key", "key_not_active", "conflict"],
  async run({ services, act, params }) {
    const { tenant: tenantId = "", key: keyId = "" } = params;
    const revoked = await revokeApiKey({ tenantId, keyId }, { deps: services, act });
    return revoked.ok ? accept({ body: toJson(revoked.value) }) : revoked;
  },
});
