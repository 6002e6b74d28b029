import { z } from "zod";
import { previewBilling } from "@/lib/billing/preview_billing.ts";
import { toPlanDefinition } from "@/lib/catalog/plan_definition.ts";
import { effectiveLimits, effectiveQuota } from "@/lib/domain/decide.ts";
import { formatDecimal, formatMinorDecimal } from "@/lib/domain/money.ts";
import { periodAt } from "@/lib/domain/period.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Statement } from "@/lib/domain/statement.ts";
import type { Granularity, UsagePoint } from "@/lib/ports/usage.ts";
import { validate } from "../validate.ts";
import { jsonUnits, type Operation } from "./operation.ts";

const DAY_MS = 86_400_000;

/** The longest range that one answer covers, by granularity; finer data is kept for less time. */
const RANGE_MAX_MS: Readonly<Record<Granularity, number>> = {
  window: 2 * 3_600_000,
  minute: DAY_MS,
  hour: 93 * DAY_MS,
  day: 800 * DAY_MS,
};

const UsageQuerySchema = z.object({
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  granularity: z.enum(["window", "minute", "hour", "day"]).optional(),
  meter: z.string().max(64).optional(),
  key: z.string().max(64).optional(),
});

export const readUsage: Operation = {
  id: "getUsage",
  method: "GET",
  path: "/v1/usage",
  tag: "Usage and cost",
  summary: "Read usage over time",
  description:
    "`[from, to)` in UTC; the default is this billing period so far, by day, and with `to` alone " +
    "the part before it of its period. Units show " +
    "after the fold of their window, within seconds.",
  scope: "usage:read",
  query: UsageQuerySchema,
  answer: { status: 200, description: "Points in order of time and meter, and totals" },
  problems: ["validation_failed"],
  async run({ services, caller, query, nowMs }) {
    const parsed = parseUsageQuery(query, { nowMs, interval: caller.plan.interval });
    if (!parsed.ok) return parsed;
    const { fromMs, toMs, granularity, meter, key } = parsed.value;
    const points = await services.usage.series({
      tenantId: caller.tenant.tenantId,
      fromMs,
      toMs,
      granularity,
      ...(meter === undefined ? {} : { meter }),
      ...(key === undefined ? {} : { keyId: key }),
    });
    return accept({
      body: {
        from: new Date(fromMs).toISOString(),
        to: new Date(toMs).toISOString(),
        granularity,
        as_of: new Date(nowMs).toISOString(),
        totals: totalsByMeter(points),
        points: points.map(({ startMs, meter, units }) => ({
          start: new Date(startMs).toISOString(),
          meter,
          units: jsonUnits(units),
        })),
      },
    });
  },
};

export const readPlan: Operation = {
  id: "getPlan",
  method: "GET",
  path: "/v1/plan",
  tag: "Usage and cost",
  summary: "Read your plan, limits and what is left of them",
  scope: "usage:read",
  answer: { status: 200, description: "The plan version in force" },
  problems: [],
  async run({ services, caller, nowMs }) {
    const { tenant, plan } = caller;
    const period = periodAt(nowMs, plan.interval);
    const totals = await services.periodUsage.load(tenant.tenantId, period.periodId);
    const { requestsPerSecond, burst } = effectiveLimits(caller);
    return accept({
      body: {
        plan_revision: plan.planRevision,
        ...toPlanDefinition(plan),
        status: tenant.status,
        period: {
          id: period.periodId,
          start: new Date(period.startMs).toISOString(),
          end: new Date(period.endMs).toISOString(),
        },
        limits: { requests_per_second: requestsPerSecond, burst },
        usage: plan.meters.map(({ meter, includedUnits }) => {
          const used = totals.get(meter) ?? 0n;
          const quota = effectiveQuota(caller, meter);
          return {
            meter,
            used: jsonUnits(used),
            included: jsonUnits(includedUnits),
            quota: quota === null
              ? null
              : { units: jsonUnits(quota.units), enforcement: quota.enforcement },
            remaining: quota === null ? null : jsonUnits(remainingUnits(quota.units, used)),
          };
        }),
        budget: tenant.budget === null ? null : {
          amount: formatDecimal(tenant.budget.amount, plan.currency),
          currency: plan.currency,
          stop: tenant.budget.stop,
        },
      },
    });
  },
};

export const readBillingPreview: Operation = {
  id: "getBillingPreview",
  method: "GET",
  path: "/v1/billing/preview",
  tag: "Usage and cost",
  summary: "Preview the next invoice: due so far, and where it is heading",
  scope: "usage:read",
  answer: { status: 200, description: "Lines and totals; the projection is an estimate" },
  problems: [],
  async run({ services, caller }) {
    const previewed = await previewBilling(services.billing, {
      tenantId: caller.tenant.tenantId,
    });
    if (!previewed.ok) return previewed;
    const { asOfMs, period, planRevision, statement, meters, projected } = previewed.value;
    return accept({
      body: {
        as_of: new Date(asOfMs).toISOString(),
        period: {
          id: period.periodId,
          start: new Date(period.startMs).toISOString(),
          end: new Date(period.endMs).toISOString(),
        },
        plan_revision: planRevision,
        ...statementBody(statement),
        projected: {
          method: meters[0]?.projection.method ?? null,
          low: totalOf(projected.low),
          likely: totalOf(projected.likely),
          high: totalOf(projected.high),
          units: meters.map(({ meter, projection }) => ({
            meter,
            low: jsonUnits(projection.low),
            likely: jsonUnits(projection.units),
            high: jsonUnits(projection.high),
          })),
        },
      },
    });
  },
};

interface UsageRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly granularity: Granularity;
  readonly meter?: string;
  readonly key?: string;
}

function parseUsageQuery(
  query: URLSearchParams,
  { nowMs, interval }: { nowMs: number; interval: "month" | "year" },
): Result<UsageRange> {
  const parsed = validate(UsageQuerySchema, Object.fromEntries(query));
  if (!parsed.ok) return parsed;
  const { from, to, granularity = "day", meter, key } = parsed.value;
  const toMs = to === undefined ? nowMs : Date.parse(to);
  // What ends with a period is asked of that period, not of the one that begins then.
  const insideMs = to === undefined ? nowMs : toMs - 1;
  const fromMs = from === undefined
    ? Math.max(periodAt(insideMs, interval).startMs, toMs - RANGE_MAX_MS[granularity])
    : Date.parse(from);
  if (fromMs >= toMs) {
    const detail = "`from` must be before `to`";
    return refuse({ code: "validation_failed", detail, pointer: "/from" });
  }
  if (toMs - fromMs > RANGE_MAX_MS[granularity]) {
    const days = RANGE_MAX_MS[granularity] / DAY_MS;
    const detail = `A range by ${granularity} covers at most ${
      days < 1 ? "2 hours" : `${days} days`
    }`;
    return refuse({ code: "validation_failed", detail, pointer: "/from" });
  }
  return accept({
    fromMs,
    toMs,
    granularity,
    ...(meter === undefined ? {} : { meter }),
    ...(key === undefined ? {} : { key }),
  });
}

function remainingUnits(quota: bigint, used: bigint): bigint {
  return quota > used ? quota - used : 0n;
}

function totalsByMeter(points: readonly UsagePoint[]): Record<string, number | string> {
  const totals = new Map<string, bigint>();
  for (const { meter, units } of points) totals.set(meter, (totals.get(meter) ?? 0n) + units);
  return Object.fromEntries([...totals].map(([meter, units]) => [meter, jsonUnits(units)]));
}

function statementBody({ currency, lines, totalMinor }: Statement) {
  return {
    currency,
    total: formatMinorDecimal(totalMinor, currency),
    lines: lines.map(({ kind, meter, units, amountMinor }) => ({
      kind,
      meter,
      units: jsonUnits(units),
      amount: formatMinorDecimal(amountMinor, currency),
    })),
  };
}

function totalOf({ currency, totalMinor }: Statement): string {
  return formatMinorDecimal(totalMinor, currency);
}
