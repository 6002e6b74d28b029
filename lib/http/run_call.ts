import { decideBudget, decideUnits, effectiveQuota } from "@/lib/domain/decide.ts";
import { periodAt } from "@/lib/domain/period.ts";
import type { MeterName, PlanVersion } from "@/lib/domain/plan.ts";
import { accept, type Refusal, type Result } from "@/lib/domain/result.ts";
import type { CallerConfig } from "@/lib/ports/tenancy.ts";
import type { MeterUnits } from "@/lib/ports/traffic.ts";
import type { RecordOutcome, UsageEntry } from "@/lib/ports/usage.ts";
import { type ApiCall, type ApiResult, type Operation, WrittenJson } from "./api/operation.ts";
import { callHeaders, type HeaderPair, totalUnits } from "./call_headers.ts";
import type { ApiContext } from "./define.ts";
import { callCost, spentSoFar } from "./call_price.ts";
import type { ReplaySlot, ReplayWrite } from "./replay.ts";
import { withUsedUpLimit } from "./rate_limit_headers.ts";
import { type CallReservation, reserveQuotas } from "./reserve_quotas.ts";
import { refusedCall, replayedCall, type Served } from "./served.ts";

const NO_UNITS: MeterUnits = new Map();
/** Most calls have none, and making one parses the whole URL. */
const NO_QUERY = new URLSearchParams();

export interface Decided {
  readonly caller: CallerConfig;
  readonly body: unknown;
  readonly headers: readonly HeaderPair[];
  readonly replay: ReplaySlot;
}

/** Decides under one configuration, runs the operation, and records its units under the same. */
export async function runCall(
  operation: Operation,
  ctx: ApiContext,
  { caller, body, headers, replay }: Decided,
): Promise<Served | "config_changed"> {
  const { services } = ctx.state;
  const { tenant, plan } = caller;
  const { tenantId } = tenant;
  const call: ApiCall = {
    services,
    caller,
    entitledMeters: metersOf(plan),
    params: ctx.params,
    query: ctx.req.url.includes("?") ? ctx.url.searchParams : NO_QUERY,
    body,
    req: ctx.req,
    nowMs: services.clock.nowMs(),
  };
  const { periodId, endMs } = periodAt(call.nowMs, plan.interval);
  const resetSeconds = (endMs - call.nowMs) / 1_000;
  const demand = operation.demand?.(call) ?? NO_UNITS;
  const used = demand.size === 0 ? NO_UNITS : services.periodUsage.peek(tenantId, periodId) ??
    await services.periodUsage.load(tenantId, periodId);
  const allowed = decideSpend(caller, { used, demand });
  if (!allowed.ok) {
    const reset = ["retry-after", String(Math.ceil(resetSeconds))] as const;
    const usedUp = allowed.error.code === "budget_exceeded" ? [reset] : [];
    return refusedCall(allowed.error, { caller, headers: [...headers, ...usedUp] });
  }
  const asked = reserveQuotas(services.quotaGate, { caller, periodId, demand });
  const reserved = asked instanceof Promise ? await asked : asked;
  if (!reserved.ok) {
    const { meter, quota, remaining } = reserved.error;
    const state = { policy: meter, quota: Number(quota), remaining: Number(remaining) };
    const told = withUsedUpLimit(headers, { ...state, resetSeconds });
    return refusedCall(reserved.error, { caller, headers: told });
  }
  const reservation = reserved.value;

  let result: ApiResult;
  try {
    const running = operation.run(call);
    result = running instanceof Promise ? await running : running;
  } catch (error) {
    reservation.void();
    throw error;
  }
  if (!result.ok) {
    reservation.void();
    return refusedCall(result.error, { caller, headers });
  }
  const { units = NO_UNITS, ...answer } = result.value;
  const cost = callCost(plan, used, units);
  const own = [
    ...Object.entries(answer.headers ?? {}),
    ...operation.demand === undefined
      ? []
      : callHeaders(caller, { units, cost, used, leftOfQuotas: reservation.left }),
  ];
  const status = answer.status ?? operation.answer.status;
  const text = bodyText(answer.body);
  const entries = usageEntries(caller, { periodId, units, reservation });
  const write = answer.isKept === false
    ? accept(null)
    : replay.write({ status, headers: own, body: text });
  if (!write.ok) {
    reservation.void();
    return refusedCall(write.error, { caller, headers });
  }
  const outcome = await record(ctx, { caller, entries, write: write.value });
  settle(reservation, { outcome, units });
  switch (outcome.kind) {
    case "committed":
      replay.committed();
      services.periodUsage.add(tenantId, periodId, units);
      return {
        status,
        headers: [...own, ...headers],
        body: text,
        caller,
        units: totalUnits(units),
        counted: answer.counted ?? units,
        cost,
      };
    case "config_changed":
      return "config_changed";
    case "replayed": {
      const reply = replay.overtaken(outcome.reply);
      if (!reply.ok) return refusedCall(reply.error, { caller, headers });
      return replayedCall(reply.value, { caller, headers });
    }
    case "duplicate_event":
      throw new Error("A call of the API carries no usage event");
    case "unavailable": {
      const seconds = String(Math.ceil(outcome.retryAfterMs / 1_000));
      return refusedCall(UNAVAILABLE, { caller, headers: [...headers, ["retry-after", seconds]] });
    }
  }
}

/** Plan versions never change, so each one's set is made once. */
const metersByPlan = new WeakMap<PlanVersion, ReadonlySet<MeterName>>();

function metersOf(plan: PlanVersion): ReadonlySet<MeterName> {
  let meters = metersByPlan.get(plan);
  if (meters === undefined) {
    meters = new Set(plan.meters.map(({ meter }) => meter));
    metersByPlan.set(plan, meters);
  }
  return meters;
}

/** Soft quotas never refuse; hard ones are refused exactly by their leases. */
function decideSpend(
  caller: CallerConfig,
  { used, demand }: { readonly used: MeterUnits; readonly demand: MeterUnits },
): Result<"allowed"> {
  if (demand.size === 0) return accept("allowed");
  for (const [meter, requestedUnits] of demand) {
    if (effectiveQuota(caller, meter)?.enforcement === "hard") continue;
    const usedUnits = used.get(meter) ?? 0n;
    const verdict = decideUnits(caller, { meter, usedUnits, requestedUnits });
    if (!verdict.ok) return verdict;
  }
  if (caller.tenant.budget === null) return accept("allowed");
  const verdict = decideBudget(caller, {
    spent: spentSoFar(caller.plan, used),
    cost: callCost(caller.plan, used, demand),
  });
  return verdict.ok ? accept("allowed") : verdict;
}

function usageEntries(
  { tenant, key, plan }: CallerConfig,
  { periodId, units, reservation }: {
    readonly periodId: string;
    readonly units: MeterUnits;
    readonly reservation: CallReservation;
  },
): UsageEntry[] {
  const entries: UsageEntry[] = [];
  for (const [meter, count] of units) {
    if (count === 0n) continue;
    const leasedBy = reservation.leasedBy(meter);
    entries.push({
      tenantId: tenant.tenantId,
      meter,
      planRevision: plan.planRevision,
      periodId,
      keyId: key.keyId,
      units: count,
      ...(leasedBy === null ? {} : { leasedBy }),
    });
  }
  return entries;
}

function bodyText(body: unknown): string {
  if (body instanceof WrittenJson) return body.text;
  return body === null ? "" : JSON.stringify(body);
}

const NOTHING_RECORDED: RecordOutcome = { kind: "committed", windowStartMs: 0 };

/** With nothing to make durable there is nothing to wait for. */
function record(
  { state }: ApiContext,
  { caller, entries, write }: {
    readonly caller: CallerConfig;
    readonly entries: readonly UsageEntry[];
    readonly write: ReplayWrite | null;
  },
): RecordOutcome | Promise<RecordOutcome> {
  if (entries.length === 0 && write === null) return NOTHING_RECORDED;
  return state.services.recorder.record({ entries, epoch: caller.epoch, ...write });
}

/** Units of an unknown outcome stay reserved: they may have been counted. */
function settle(
  reservation: CallReservation,
  { outcome, units }: { readonly outcome: RecordOutcome; readonly units: MeterUnits },
): void {
  if (outcome.kind === "committed" || outcome.kind === "unavailable") reservation.commit(units);
  else reservation.void();
}

const UNAVAILABLE: Refusal = {
  code: "unavailable",
  detail: "The units of this call could not be made durable, so it is not answered; try again " +
    "with the same Idempotency-Key",
};
