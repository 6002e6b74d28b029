import type { UsageModel } from "@/components/portal/UsagePage.tsx";
import { type BillingPeriod, periodAt } from "@/lib/domain/period.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import type { PortalDeps } from "./deps.ts";
import { instantText, parseUsageRange } from "./usage_range.ts";
import { usageSeries } from "./usage_series.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

export interface UsageRequest {
  readonly tenant: Tenant;
  readonly plan: PlanVersion;
  readonly query: URLSearchParams;
}

/** The usage page, and the figures of its CSV: both are this one model. */
export async function loadUsage(
  deps: Pick<PortalDeps, "clock" | "usage" | "tenants">,
  { tenant, plan, query }: UsageRequest,
): Promise<UsageModel> {
  const nowMs = deps.clock.nowMs();
  const range = parseUsageRange(query, nowMs);
  const meters = plan.meters.map(({ meter }) => meter);
  const keys = await deps.tenants.apiKeys(tenant.tenantId);
  const meter = query.get("meter") ?? "";
  const keyId = keys.find((key) => key.keyId === query.get("key"))?.keyId ?? "";
  const points = await deps.usage.series({
    tenantId: tenant.tenantId,
    fromMs: range.fromMs,
    toMs: range.toMs,
    granularity: range.granularity,
    ...(meter === "" ? {} : { meter }),
    ...(keyId === "" ? {} : { keyId }),
  });
  const filters = {
    ...(meter === "" ? {} : { meter }),
    ...(keyId === "" ? {} : { key: keyId }),
  };
  const shown = new URLSearchParams({
    from: instantText(range.fromMs),
    to: instantText(range.toMs),
    granularity: range.granularity,
    ...filters,
  });
  const ranges = usualRanges(nowMs, periodAt(nowMs, plan.interval), filters);
  return {
    asOfMs: nowMs,
    series: usageSeries(points, { range, order: meters, filters }),
    fromMs: range.fromMs,
    toMs: range.toMs,
    clipped: range.clipped,
    filters: {
      from: instantText(range.fromMs),
      to: instantText(range.toMs),
      granularity: range.granularity,
      meter,
      keyId,
    },
    ranges,
    currentRange: `/portal/usage?${shown}`,
    meters,
    keys: keys.map(({ keyId, name }) => ({ keyId, name })),
    csvHref: `/portal/usage/csv?${shown}`,
  };
}

/** Links that say a range in full, so that a bookmark shows the same figures tomorrow. */
function usualRanges(
  nowMs: number,
  period: BillingPeriod,
  filters: Readonly<Record<string, string>>,
) {
  const untilHour = Math.ceil(nowMs / HOUR_MS) * HOUR_MS;
  const untilDay = Math.ceil(nowMs / DAY_MS) * DAY_MS;
  const rows = [
    { label: "3 hours", fromMs: untilHour - 3 * HOUR_MS, toMs: untilHour, granularity: "minute" },
    { label: "24 hours", fromMs: untilHour - DAY_MS, toMs: untilHour, granularity: "hour" },
    { label: "7 days", fromMs: untilDay - 7 * DAY_MS, toMs: untilDay, granularity: "hour" },
    { label: "30 days", fromMs: untilDay - 30 * DAY_MS, toMs: untilDay, granularity: "day" },
    { label: "This period", fromMs: period.startMs, toMs: untilDay, granularity: "day" },
    { label: "90 days", fromMs: untilDay - 90 * DAY_MS, toMs: untilDay, granularity: "day" },
    { label: "13 months", fromMs: untilDay - 396 * DAY_MS, toMs: untilDay, granularity: "day" },
  ];
  return rows.map(({ label, fromMs, toMs, granularity }) => ({
    label,
    href: `/portal/usage?${new URLSearchParams({
      from: instantText(fromMs),
      to: instantText(toMs),
      granularity,
      ...filters,
    })}`,
  }));
}
