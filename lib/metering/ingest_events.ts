import { LATE_EVENTS_MS, periodAt } from "@/lib/domain/period.ts";
import type { MeterName, Units } from "@/lib/domain/plan.ts";
import type { Refusal } from "@/lib/domain/result.ts";
import { DAY_MS } from "@/lib/domain/window.ts";
import type { Clock } from "@/lib/ports/clock.ts";
import type { CallerConfig } from "@/lib/ports/tenancy.ts";
import type { RecordRequest, UsageRecorder } from "@/lib/ports/usage.ts";
import { EVENT_AGE_MAX_MS, parseUsageEvent, type UsageEvent } from "./parse_usage_event.ts";

/** Events of one request. */
export const EVENTS_MAX = 1_000;
/** An id is remembered for longer than an event with it can still be accepted. */
const MARK_LIFE_MS = EVENT_AGE_MAX_MS + DAY_MS;

export type EventResult =
  & { readonly index: number; readonly id: string | null; readonly source: string | null }
  & (
    | {
      readonly status: "counted";
      readonly periodId: string;
      readonly meter: MeterName;
      readonly units: Units;
    }
    /** Counted before; nothing is added. */
    | { readonly status: "duplicate" }
    | { readonly status: "refused"; readonly error: Refusal }
    /** The configuration changed: decide about the caller again and send this one again. */
    | { readonly status: "config_changed" }
    /** Send it again: its id makes that safe. */
    | { readonly status: "unavailable"; readonly retryAfterMs: number }
  );

/**
 * Counts usage events of one caller, each by itself: a bad one leaves the others. An event counts
 * in the billing period of its own time, or in the present one when that is over and billed; it
 * shows in charts at the time of its arrival. Each id of a source counts once.
 */
export async function ingestEvents(
  { caller, events }: { readonly caller: CallerConfig; readonly events: readonly unknown[] },
  { recorder, clock }: { readonly recorder: UsageRecorder; readonly clock: Clock },
): Promise<readonly EventResult[]> {
  const nowMs = clock.nowMs();
  return await Promise.all(events.map(async (input, index): Promise<EventResult> => {
    const parsed = parseUsageEvent(input, { nowMs });
    if (!parsed.ok) {
      return { index, ...namesOf(input), status: "refused", error: parsed.error };
    }
    const { id, source, meter } = parsed.value;
    if (!caller.plan.meters.some((offered) => offered.meter === meter)) {
      const detail = `Plan ${caller.plan.planRevision} does not include ${JSON.stringify(meter)}`;
      const error = { code: "meter_not_in_plan", detail, pointer: "/data/meter" };
      return { index, id, source, status: "refused", error };
    }
    const request = recordOf(parsed.value, { caller, nowMs });
    const outcome = await recorder.record(request);
    switch (outcome.kind) {
      case "committed": {
        const periodId = request.entries[0]?.periodId ?? "";
        const { units } = parsed.value;
        return { index, id, source, status: "counted", periodId, meter, units };
      }
      case "duplicate_event":
        return { index, id, source, status: "duplicate" };
      case "unavailable": {
        const { retryAfterMs } = outcome;
        return { index, id, source, status: "unavailable", retryAfterMs };
      }
      case "config_changed":
      case "replayed":
        return { index, id, source, status: "config_changed" };
    }
  }));
}

function recordOf(
  { source, id, atMs, meter, units }: UsageEvent,
  { caller, nowMs }: { readonly caller: CallerConfig; readonly nowMs: number },
): RecordRequest {
  const { tenant: { tenantId }, plan, key: { keyId }, epoch } = caller;
  const own = periodAt(Math.min(atMs, nowMs), plan.interval);
  const billed = nowMs >= own.endMs + LATE_EVENTS_MS;
  const { periodId } = billed ? periodAt(nowMs, plan.interval) : own;
  const { planRevision } = plan;
  return {
    epoch,
    entries: [{ tenantId, meter, planRevision, periodId, keyId, units }],
    event: { tenantId, source, id, expiresAtMs: nowMs + MARK_LIFE_MS },
  };
}

/** What a refused event called itself, as far as it can be told. */
function namesOf(input: unknown): { readonly id: string | null; readonly source: string | null } {
  const text = (name: string) => {
    if (typeof input !== "object" || input === null || !Object.hasOwn(input, name)) return null;
    const value: unknown = Reflect.get(input, name);
    return typeof value === "string" ? value.slice(0, 512) : null;
  };
  return { id: text("id"), source: text("source") };
}
