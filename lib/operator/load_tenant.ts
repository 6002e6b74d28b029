import type {
  TenantOverviewModel,
  TenantUsageModel,
} from "@/components/operator/TenantOverviewPage.tsx";
import { billPeriod } from "@/lib/billing/period_bill.ts";
import { periodAt } from "@/lib/domain/period.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant } from "@/lib/domain/tenant.ts";
import { alignRange } from "@/lib/portal/usage_range.ts";
import { usageSeries } from "@/lib/portal/usage_series.ts";
import type { Services } from "@/lib/services.ts";

const DAY_MS = 86_400_000;
const ANOMALIES_SHOWN = 10;

export interface TenantTerms {
  readonly tenant: Tenant;
  readonly plan: PlanVersion;
}

export async function loadTenantOverview(
  { clock, usage, billing }: Pick<Services, "clock" | "usage" | "billing">,
  { tenant, plan }: TenantTerms,
): Promise<TenantOverviewModel> {
  const { tenantId } = tenant;
  const period = periodAt(clock.nowMs(), plan.interval);
  const [bill, books, move, anomalies] = await Promise.all([
    billPeriod(billing, { tenant, period }),
    usage.books({ tenantId, periodId: period.periodId }),
    billing.store.planMove(tenantId),
    billing.store.anomalies({ tenantId, limit: ANOMALIES_SHOWN }),
  ]);
  return {
    tenant,
    plan,
    statement: bill.ok ? bill.value.statement : null,
    books,
    move: move?.value ?? null,
    anomalies,
  };
}

export async function loadTenantUsage(
  { clock, usage }: Pick<Services, "clock" | "usage">,
  { tenant, plan }: TenantTerms,
  query: URLSearchParams,
): Promise<TenantUsageModel> {
  const asked = query.get("days");
  const days = asked === "1" || asked === "30" ? asked : "7";
  const granularity = days === "30" ? "day" : "hour";
  const toMs = clock.nowMs();
  const range = alignRange({ fromMs: toMs - Number(days) * DAY_MS + 1, toMs, granularity });
  const points = await usage.series({ tenantId: tenant.tenantId, ...range, granularity });
  const order = plan.meters.map(({ meter }) => meter);
  return { range: days, series: usageSeries(points, { range, order, filters: null }) };
}
