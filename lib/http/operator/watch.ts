import { z } from "zod";
import { checkConnection } from "@/lib/billing/check_connection.ts";
import { accept } from "@/lib/domain/result.ts";
import { type AuditEntry, OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import { verifyAuditChain } from "@/lib/tenancy/verify_audit.ts";
import { NOTHING, operation } from "./operation.ts";
import { LIMIT_QUERY, PAGE_QUERY, pageWanted, sealCursor } from "./paging.ts";
import { toJson } from "./to_json.ts";

/** A tenant's id, or the operator's own chain. */
const Chain = z.string().min(1).max(100).default(OPERATOR_CHAIN);

export const listAnomalies = operation({
  id: "listAnomalies",
  method: "GET",
  path: "/operator/v1/anomalies",
  tag: "Watching",
  summary: "List hours of unusual usage, newest first",
  input: z.strictObject({ ...LIMIT_QUERY, tenant_id: z.string().max(100).optional() }),
  answer: { status: 200, description: "The newest" },
  problems: [],
  async run({ services, input: { limit, tenant_id: tenantId } }) {
    const found = await services.billing.store.anomalies({
      limit,
      ...(tenantId === undefined ? {} : { tenantId }),
    });
    return accept({ body: { items: toJson(found) } });
  },
});

export const listAudit = operation({
  id: "listAudit",
  method: "GET",
  path: "/operator/v1/audit",
  tag: "Watching",
  summary: "Read the audit log of a tenant, or the operator's own, newest first",
  description:
    "`action` is the start of an action, such as `api_key.`; `actor` is an id, a kind, " +
    "or the operator behind an impersonation.",
  input: z.strictObject({
    ...PAGE_QUERY,
    chain: Chain,
    action: z.string().max(100).optional(),
    actor: z.string().max(254).optional(),
  }),
  answer: { status: 200, description: "One page; `before` and `after` as they were hashed" },
  problems: ["invalid_cursor"],
  async run(call) {
    const wanted = pageWanted(call);
    if (!wanted.ok) return wanted;
    const { services, input: { chain, action, actor } } = call;
    const page = await services.audit.entries({
      chain,
      ...wanted.value,
      ...(action === undefined ? {} : { action }),
      ...(actor === undefined ? {} : { actor }),
    });
    const items = page.items.map(auditBody);
    return accept({ body: { items, next_cursor: sealCursor(call, page.cursor) } });
  },
});

export const verifyAudit = operation({
  id: "verifyAudit",
  method: "GET",
  path: "/operator/v1/audit/verification",
  tag: "Watching",
  summary: "Recompute every hash of an audit chain",
  description:
    "`head` is worth keeping elsewhere: it proves later that the chain was not rewritten.",
  input: z.strictObject({ chain: Chain }),
  answer: { status: 200, description: "Intact, or the first place that does not fit" },
  problems: [],
  async run({ services, input: { chain } }) {
    const head = await services.audit.head(chain);
    const verdict = await verifyAuditChain(services.audit, chain);
    return accept({ body: { chain, ...toObject(verdict), head } });
  },
});

function auditBody({ atMs, requestId, previousHash, ...entry }: AuditEntry) {
  const { impersonatedBy, ...actor } = entry.actor;
  return {
    ...entry,
    actor: impersonatedBy === undefined ? actor : { ...actor, impersonated_by: impersonatedBy },
    at: new Date(atMs).toISOString(),
    request_id: requestId,
    previous_hash: previousHash,
  };
}

function toObject(verdict: Awaited<ReturnType<typeof verifyAuditChain>>) {
  return verdict.intact
    ? { intact: true, entries: verdict.entries }
    : { intact: false, at_sequence: verdict.atSequence, reason: verdict.reason };
}

export const askProvider = operation({
  id: "checkConnection",
  method: "POST",
  path: "/operator/v1/connection/check",
  tag: "Watching",
  summary: "Ask Stripe whether the connection is all right, and say what to do where it is not",
  description: "Permissions of the key, clocks, meters, webhook endpoints. Makes nothing there.",
  input: NOTHING,
  answer: { status: 200, description: "Each check is `ok`, `warn` or `fail`" },
  problems: [],
  async run({ services: { billing, webhooks, env } }) {
    const { secrets } = webhooks;
    const usesMeters = env.stripe.meterMode !== "usage_records";
    const asked = { ...billing, secrets, baseUrl: env.baseUrl, usesMeters };
    return accept({ body: toJson(await checkConnection(asked)) });
  },
});
