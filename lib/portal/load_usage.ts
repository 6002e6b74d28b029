import type { UsageSplit } from "@/components/portal/UsageChart.tsx";
import type { UsageModel } from "@/components/portal/UsagePage.tsx";
import { type BillingPeriod, periodAt } from "@/lib/domain/period.ts";
import type { PlanVersion } from "@/lib/domain/plan.ts";
import type { Tenant, TenantId } from "@/lib/domain/tenant.ts";
import type { CallCount, CallKind } from "@/lib/ports/traffic.ts";
import { languageOf } from "@/lib/i18n/messages.ts";
import { meterName } from "@/lib/i18n/meter_name.ts";
import { countIn } from "@/lib/i18n/portal/messages.ts";
import type { PortalDeps } from "./deps.ts";
import {
  alignRange,
  instantText,
  parseUsageRange,
  type RangeGranularity,
  stepOf,
  type UsageRange,
} from "./usage_range.ts";
import { usageRows } from "./usage_rows.ts";
import { type PartPoint, partSeries } from "./usage_series.ts";
import { matchesStatus, parseUsageView, type UsageView, viewQuery } from "./usage_view.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

export interface UsageRequest {
  readonly tenant: Tenant;
  readonly plan: PlanVersion;
  readonly query: URLSearchParams;
}

type UsageDeps = Pick<PortalDeps, "clock" | "usage" | "tenants" | "traffic">;

/** The usage page, and the figures of its CSV: both are this one model. */
export async function loadUsage(
  deps: UsageDeps,
  { tenant, plan, query }: UsageRequest,
): Promise<UsageModel> {
  const nowMs = deps.clock.nowMs();
  const { tenantId } = tenant;
  const keys = await deps.tenants.apiKeys(tenantId);
  const view = parseUsageView(query, { keyIds: keys.map(({ keyId }) => keyId) });
  const range = rangeOf(parseUsageRange(query, nowMs), view);
  const { points, features, statuses } = view.source === "books"
    ? await fromBooks(deps, { tenantId, range, view })
    : await fromLog(deps, { tenantId, range, view });
  const language = languageOf(tenant.locale);
  const meters = plan.meters.map(({ meter }) => meter);
  const names = new Map(keys.map(({ keyId, name }) => [keyId, name]));
  const filters = viewQuery(view);
  const { measure, split } = view;
  const shown = {
    from: instantText(range.fromMs),
    to: instantText(range.toMs),
    granularity: range.granularity,
  };
  const address = `/portal/usage?${new URLSearchParams({ ...shown, ...filters })}`;
  const series = partSeries(points, {
    range,
    measure,
    split,
    order: split === "meter" ? meters : [],
    label: (part) => {
      if (split === "meter") return meterName(language, part);
      return split === "key" ? names.get(part) ?? part : part;
    },
    others: (rest) => countIn(tenant.locale)("others", rest),
    // Hours are as close as the request log can be looked at.
    filters: view.source === "log" && range.granularity === "hour" ? null : filters,
  });
  const { rows, next, isFirst } = usageRows(series, query.get("before"));
  return {
    asOfMs: nowMs,
    series,
    table: {
      rows,
      firstHref: isFirst ? null : `${address}#table`,
      nextHref: next === null ? null : `${address}&before=${next}#table`,
    },
    fromMs: range.fromMs,
    toMs: range.toMs,
    clipped: range.clipped,
    isLogged: view.source === "log",
    filters: { ...shown, ...view },
    ranges: usualRanges(nowMs, { period: periodAt(nowMs, plan.interval), view }),
    currentRange: address,
    meters,
    keys: keys.map(({ keyId, name }) => ({ keyId, name })),
    features,
    statuses,
    zoom: { fromMs: range.fromMs, stepMs: stepOf(range), query: filters },
    csvHref: address.replace("/portal/usage", "/portal/usage/csv"),
  };
}

/** The request log is counted by the hour: a closer look at it shows hours. */
function rangeOf(range: UsageRange, { source }: UsageView): UsageRange {
  if (source === "books" || range.granularity !== "minute") return range;
  const hours = alignRange({ ...range, granularity: "hour" });
  return { ...hours, clipped: "log" };
}

interface Found {
  readonly points: readonly PartPoint[];
  /** What there is to filter by. */
  readonly features: readonly string[];
  readonly statuses: readonly string[];
}

interface Wanted {
  readonly tenantId: TenantId;
  readonly range: UsageRange;
  readonly view: UsageView;
}

async function fromBooks(deps: UsageDeps, { tenantId, range, view }: Wanted): Promise<Found> {
  const { fromMs, toMs, granularity } = range;
  const { meter, keyId, split } = view;
  const [points, kinds] = await Promise.all([
    deps.usage.series({
      tenantId,
      fromMs,
      toMs,
      granularity,
      ...(meter === "" ? {} : { meter }),
      ...(keyId === "" ? {} : { keyId }),
      ...(split === "key" ? { byKey: true } : {}),
    }),
    deps.traffic.callKinds(tenantId),
  ]);
  return {
    points: points.map((point) => ({
      startMs: point.startMs,
      part: split === "key" ? point.keyId ?? "" : point.meter,
      units: point.units,
    })),
    ...choicesOf(kinds, view),
  };
}

async function fromLog(deps: UsageDeps, { tenantId, range, view }: Wanted): Promise<Found> {
  const { fromMs, toMs } = range;
  const query = { tenantId, fromMs, toMs, granularity: spanOf(range) };
  const [counts, kinds] = await Promise.all([
    deps.traffic.callCounts(query),
    deps.traffic.callKinds(tenantId),
  ]);
  const matching = counts.filter(({ keyId, route, status }) =>
    (view.keyId === "" || keyId === view.keyId) &&
    (view.feature === "" || route === view.feature) && matchesStatus(status, view.status)
  );
  return {
    points: matching.flatMap((count) => pointsOf(count, view)),
    ...choicesOf(kinds, view),
  };
}

function spanOf({ granularity }: UsageRange): "hour" | "day" {
  return granularity === "day" ? "day" : "hour";
}

function pointsOf(count: CallCount, { measure, split, meter }: UsageView): readonly PartPoint[] {
  const { startMs } = count;
  if (measure === "calls") {
    return [{ startMs, part: partOf(count, split), units: BigInt(count.calls) }];
  }
  return [...count.units]
    .filter(([used]) => meter === "" || used === meter)
    .map(([used, units]) => ({
      startMs,
      part: split === "meter" ? used : partOf(count, split),
      units,
    }));
}

function partOf({ keyId, route, status }: CallCount, split: UsageSplit): string {
  if (split === "key") return keyId;
  return split === "status" ? String(status) : route;
}

/** What calls ever were, and what is chosen already. */
function choicesOf(
  kinds: readonly CallKind[],
  { feature, status }: UsageView,
): Pick<Found, "features" | "statuses"> {
  const chosen = /^\d+$/.test(status) ? [status] : [];
  return {
    features: distinct([...kinds.map(({ route }) => route), ...feature === "" ? [] : [feature]]),
    statuses: distinct([...kinds.map((kind) => String(kind.status)), ...chosen]),
  };
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}

interface UsualRange {
  readonly label: UsageModel["ranges"][number]["label"];
  readonly fromMs: number;
  readonly toMs: number;
  readonly granularity: RangeGranularity;
}

/** Links that say a range in full, so that a bookmark shows the same figures tomorrow. */
function usualRanges(
  nowMs: number,
  { period, view }: { readonly period: BillingPeriod; readonly view: UsageView },
) {
  const untilHour = Math.ceil(nowMs / HOUR_MS) * HOUR_MS;
  const untilDay = Math.ceil(nowMs / DAY_MS) * DAY_MS;
  const rows: readonly UsualRange[] = [
    {
      label: "range_3_hours",
      fromMs: untilHour - 3 * HOUR_MS,
      toMs: untilHour,
      granularity: "minute",
    },
    { label: "range_24_hours", fromMs: untilHour - DAY_MS, toMs: untilHour, granularity: "hour" },
    { label: "range_7_days", fromMs: untilDay - 7 * DAY_MS, toMs: untilDay, granularity: "hour" },
    { label: "range_30_days", fromMs: untilDay - 30 * DAY_MS, toMs: untilDay, granularity: "day" },
    { label: "range_period", fromMs: period.startMs, toMs: untilDay, granularity: "day" },
    { label: "range_90_days", fromMs: untilDay - 90 * DAY_MS, toMs: untilDay, granularity: "day" },
    {
      label: "range_13_months",
      fromMs: untilDay - 396 * DAY_MS,
      toMs: untilDay,
      granularity: "day",
    },
  ];
  return rows.filter(({ granularity }) => view.source === "books" || granularity !== "minute").map((
    { label, fromMs, toMs, granularity },
  ) => ({
    label,
    href: `/portal/usage?${new URLSearchParams({
      from: instantText(fromMs),
      to: instantText(toMs),
      granularity,
      ...viewQuery(view),
    })}`,
  }));
}
