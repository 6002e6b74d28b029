import { eachTenant } from "@/lib/catalog/each_tenant.ts";
import { detectAnomaly } from "@/lib/domain/anomaly.ts";
import type { UsagePoint } from "@/lib/ports/usage.ts";
import type { UsageAnomaly } from "@/lib/ports/watch_store.ts";
import type { BillingDeps } from "./deps.ts";

type ScanDeps = Pick<BillingDeps, "clock" | "logger" | "tenants" | "store"> & {
  readonly usage: Pick<BillingDeps["usage"], "series">;
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Days whose same hour says what is usual. */
const HISTORY_DAYS = 28;

/**
 * Judges the last complete hour of every tenant and meter against the same hour of earlier days.
 * What is found is stored once and told to operators; it changes no bill by itself.
 */
export async function scanAnomalies(deps: ScanDeps): Promise<readonly UsageAnomaly[]> {
  const nowMs = deps.clock.nowMs();
  const hourStartMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS - HOUR_MS;
  const found: UsageAnomaly[] = [];
  for await (
    const tenant of eachTenant(deps.tenants, {
      onPage: (tenants) => deps.logger.info("anomaly_scan_progress", { tenants }),
    })
  ) {
    if (tenant.status === "closed") continue;
    const { tenantId } = tenant;
    const series = await deps.usage.series({
      tenantId,
      fromMs: Math.max(hourStartMs - HISTORY_DAYS * DAY_MS, 0),
      toMs: hourStartMs + HOUR_MS,
      granularity: "hour",
    });
    for (const anomaly of judgeHour(series, hourStartMs)) {
      const row = { ...anomaly, tenantId, foundAtMs: nowMs };
      if (!await deps.store.putAnomaly(row)) continue;
      found.push(row);
      deps.logger.warn("usage_anomaly", { ...row });
    }
  }
  return found;
}

function judgeHour(
  series: readonly UsagePoint[],
  hourStartMs: number,
): readonly Omit<UsageAnomaly, "tenantId" | "foundAtMs">[] {
  const meters = [...new Set(series.map(({ meter }) => meter))];
  return meters.flatMap((meter) => {
    const own = new Map(
      series.filter((point) => point.meter === meter)
        .map(({ startMs, units }) => [startMs, Number(units)]),
    );
    const firstMs = Math.min(...own.keys());
    const history = sameHours(hourStartMs, firstMs).map((startMs) => own.get(startMs) ?? 0);
    const anomaly = detectAnomaly(history, own.get(hourStartMs) ?? 0);
    if (anomaly === null) return [];
    const { kind, value, expected, score } = anomaly;
    return [{ meter, hourStartMs, kind, units: value, expected, score }];
  });
}

/** The same hour of earlier days, oldest first, not before the first usage. */
function sameHours(hourStartMs: number, firstMs: number): readonly number[] {
  return Array.from({ length: HISTORY_DAYS }, (_, at) => hourStartMs - (HISTORY_DAYS - at) * DAY_MS)
    .filter((startMs) => startMs >= firstMs);
}
