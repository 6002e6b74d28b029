import type { RequestsModel } from "@/components/portal/RequestsPage.tsx";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { PortalDeps } from "./deps.ts";

const PAGE_SIZE = 50;

export async function loadRequests(
  deps: Pick<PortalDeps, "traffic" | "tenants" | "cursors">,
  { tenant, plan, query }: {
    readonly tenant: Tenant;
    readonly plan: PlanVersion;
    readonly query: URLSearchParams;
  },
): Promise<RequestsModel> {
  const keys = await deps.tenants.apiKeys(tenant.tenantId);
  const keyId = keys.find((key) => key.keyId === query.get("key"))?.keyId ?? "";
  const asked = query.get("status");
  const status = asked === "ok" || asked === "refused" ? asked : "";
  const scope = { owner: tenant.tenantId, list: "portal requests" };
  const opened = deps.cursors.open(query.get("cursor"), scope);
  // A cursor that is not ours, or from before the secret changed, leads to the first page.
  const cursor = opened.ok ? opened.value : undefined;
  const page = await deps.traffic.recent({
    tenantId: tenant.tenantId,
    limit: PAGE_SIZE,
    ...(cursor === undefined ? {} : { cursor }),
    ...(status === "" ? {} : { status }),
    ...(keyId === "" ? {} : { keyId }),
  });
  const filters = {
    ...(status === "" ? {} : { status }),
    ...(keyId === "" ? {} : { key: keyId }),
  };
  const next = deps.cursors.seal(page.cursor, scope);
  return {
    requests: page.items,
    currency: plan.currency,
    filters: { status, keyId },
    keys: keys.map(({ keyId, name }) => ({ keyId, name })),
    firstHref: cursor === undefined ? null : `/portal/requests?${new URLSearchParams(filters)}`,
    nextHref: next === null
      ? null
      : `/portal/requests?${new URLSearchParams({ ...filters, cursor: next })}`,
  };
}
