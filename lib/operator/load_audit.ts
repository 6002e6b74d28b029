import type { AuditModel, AuditVerification } from "@/components/operator/AuditPage.tsx";
import { OPERATOR_CHAIN } from "@/lib/ports/audit.ts";
import type { Services } from "@/lib/services.ts";
import { verifyAuditChain } from "@/lib/tenancy/verify_audit.ts";
import { auditChanges, isSaidBy } from "@/lib/portal/audit_changes.ts";
import { pagerOf } from "./pager.ts";

export type AuditDeps = Pick<Services, "audit" | "cursors" | "tenants">;

const PATH = "/operator/audit";
const PAGE_SIZE = 50;
const FILTER_LETTERS_MAX = 254;

/** One page of the operator's chain or a tenant's, filtered by what the address says. */
export async function loadAudit(deps: AuditDeps, query: URLSearchParams): Promise<AuditModel> {
  const [action, actor, wanted] = ["action", "actor", "chain"].map((name) =>
    (query.get(name) ?? "").trim().slice(0, FILTER_LETTERS_MAX)
  ) as [string, string, string];
  const chain = wanted === "" ? OPERATOR_CHAIN : wanted;
  const filters = {
    ...(chain === OPERATOR_CHAIN ? {} : { chain }),
    ...(action === "" ? {} : { action }),
    ...(actor === "" ? {} : { actor }),
  };
  const tenant = chain === OPERATOR_CHAIN ? null : await deps.tenants.tenant(chain);
  const shared = {
    chain,
    action,
    actor,
    tenantName: tenant?.value.name ?? null,
    isKnown: chain === OPERATOR_CHAIN || tenant !== null,
    verifyHref: `${PATH}?${new URLSearchParams({ ...filters, verify: "1" })}`,
  };
  if (!shared.isKnown) {
    return { ...shared, entries: [], firstHref: null, nextHref: null, verification: null };
  }
  const pager = pagerOf(deps.cursors, { path: PATH, owner: chain, query, filters });
  const { cursor } = pager;
  const [page, verification] = await Promise.all([
    deps.audit.entries({
      chain,
      limit: PAGE_SIZE,
      ...(action === "" ? {} : { action }),
      ...(actor === "" ? {} : { actor }),
      ...(cursor === undefined ? {} : { cursor }),
    }),
    query.get("verify") === "1" ? verify(deps, chain) : null,
  ]);
  return {
    ...shared,
    entries: page.items.map(({ before, after, ...entry }) => ({
      ...entry,
      changes: auditChanges(before, after).filter((change) => !isSaidBy(entry, change)),
    })),
    ...pager.links(page.cursor),
    verification,
  };
}

/** The head is read first: rows that come meanwhile are not part of what was proven. */
async function verify({ audit }: AuditDeps, chain: string): Promise<AuditVerification> {
  const head = await audit.head(chain);
  const verdict = await verifyAuditChain(audit, chain);
  return { verdict, headHash: head?.hash ?? null };
}
