import type { RequestsModel } from "@/components/portal/RequestsPage.tsx";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { PortalDeps } from "./deps.ts";

const PAGE_SIZE = 50;

export async function loadRequests(
  deps: Pick<PortalDeps, "traffic" | "tenants">,
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
  const cursor = query.get("cursor");
  const page = await deps.traffic.recent({
    tenantId: tenant.tenantId,
    limit: PAGE_SIZE,
    ...(cursor === null ? {} : { cursor }),
    ...(status === "" ? {} : { status }),
    ...(keyId === "" ? {} : { keyId }),
  });
  const filters = {
    ...(status === "" ? {} : { status }),
    ...(keyId === "" ? {} : { key: keyId }),
  };
  return {
    requests: page.items,
    currency: plan.currency,
    filters: { status, keyId },
    keys: keys.map(({ keyId, name }) => ({ keyId, name })),
    firstHref: cursor === null ? null : `/portal/requests?${new URLSearchParams(filters)}`,
    nextHref: page.cursor === null
      ? null
      : `/portal/requests?${new URLSearchParams({ ...filters, cursor: page.cursor })}`,
  };
}
