import type { RequestsModel } from "@/components/portal/RequestsPage.tsx";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { PortalDeps } from "./deps.ts";

const PAGE_SIZE = 50;
const DAY_MS = 86_400_000;
/** Calls are kept for so long. */
const KEPT_DAYS = 7;
const TEXT_MAX = 120;

export async function loadRequests(
  deps: Pick<PortalDeps, "traffic" | "tenants" | "cursors" | "clock">,
  { tenant, plan, query }: {
    readonly tenant: Tenant;
    readonly plan: PlanVersion;
    readonly query: URLSearchParams;
  },
): Promise<RequestsModel> {
  const { tenantId } = tenant;
  const nowMs = deps.clock.nowMs();
  const keys = await deps.tenants.apiKeys(tenantId);
  const asked = query.get("status");
  const filters = {
    status: asked === "ok" || asked === "refused" ? asked : "",
    keyId: keys.find((key) => key.keyId === query.get("key"))?.keyId ?? "",
    feature: textOf(query, "feature"),
    requestId: textOf(query, "id").trim(),
  } as const;
  const { status, keyId, feature, requestId } = filters;
  const scope = { owner: tenantId, list: "portal requests" };
  const opened = deps.cursors.open(query.get("cursor"), scope);
  // A cursor that is not ours, or from before the secret changed, leads to the first page.
  const cursor = opened.ok ? opened.value : undefined;
  const [page, counts] = await Promise.all([
    deps.traffic.recent({
      tenantId,
      limit: PAGE_SIZE,
      ...(cursor === undefined ? {} : { cursor }),
      ...(status === "" ? {} : { status }),
      ...(keyId === "" ? {} : { keyId }),
      ...(feature === "" ? {} : { route: feature }),
      ...(requestId === "" ? {} : { requestId }),
    }),
    deps.traffic.callCounts({
      tenantId,
      fromMs: nowMs - (KEPT_DAYS + 1) * DAY_MS,
      toMs: nowMs,
      granularity: "day",
    }),
  ]);
  const shown = {
    ...(status === "" ? {} : { status }),
    ...(keyId === "" ? {} : { key: keyId }),
    ...(feature === "" ? {} : { feature }),
    ...(requestId === "" ? {} : { id: requestId }),
  };
  const next = deps.cursors.seal(page.cursor, scope);
  const routes = [...counts.map(({ route }) => route), ...feature === "" ? [] : [feature]];
  return {
    requests: page.items,
    currency: plan.currency,
    filters,
    keys: keys.map(({ keyId, name }) => ({ keyId, name })),
    features: [...new Set(routes)].sort(),
    firstHref: cursor === undefined ? null : `/portal/requests?${new URLSearchParams(shown)}`,
    nextHref: next === null
      ? null
      : `/portal/requests?${new URLSearchParams({ ...shown, cursor: next })}`,
  };
}

function textOf(query: URLSearchParams, name: string): string {
  return (query.get(name) ?? "").slice(0, TEXT_MAX);
}
