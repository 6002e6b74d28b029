import { z } from "zod";
import { liveCustomer } from "./customers.ts";
import type { MeterDoc } from "./documents.ts";
import { type Endpoint, endpoint, idOf, type Reply } from "./endpoint.ts";
import { listPage, newestFirst } from "./list.ts";
import { expand, page, requiredText, unixTime } from "./params.ts";
import { invalid, noSuch } from "./refusal.ts";
import type { Transaction } from "./state.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, seconds } from "./time.ts";
import { usageIn } from "./usage.ts";

/** A grouped answer covers at most this many windows. */
const MAX_SUMMARY_WINDOWS = 10_000;

export const meterEndpoints: readonly Endpoint[] = [
  endpoint(
    "POST /v1/billing/meters",
    z.strictObject({
      display_name: requiredText(250),
      event_name: requiredText(100),
      default_aggregation: z.strictObject({ formula: z.enum(["sum", "count"]) }),
      customer_mapping: z.strictObject({
        event_payload_key: requiredText(100),
        type: z.literal("by_id"),
      }).optional(),
      value_settings: z.strictObject({ event_payload_key: requiredText(100) }).optional(),
      expand: expand(),
    }),
    ({ tx }, params) => {
      if (meterNamed(tx, params.event_name) !== undefined) {
        throw invalid(
          `An active meter with event name ${params.event_name} already exists.`,
          "event_name",
          "resource_already_exists",
        );
      }
      const meter: MeterDoc = {
        id: tx.nextId("mtr"),
        created: seconds(tx.nowMs),
        updated: seconds(tx.nowMs),
        displayName: params.display_name,
        eventName: params.event_name,
        formula: params.default_aggregation.formula,
        customerKey: params.customer_mapping?.event_payload_key ?? "stripe_customer_id",
        valueKey: params.value_settings?.event_payload_key ?? "value",
        active: true,
        deactivatedAt: null,
      };
      tx.put("meters", meter.id, meter);
      return renderMeter(meter);
    },
  ),
  endpoint(
    "GET /v1/billing/meters",
    z.strictObject({ ...page, status: z.enum(["active", "inactive"]).optional() }),
    ({ tx }, params) => {
      const wanted = newestFirst(tx.all("meters")).filter((meter) =>
        params.status === undefined || meter.active === (params.status === "active")
      );
      return listPage(wanted, { params, url: "/v1/billing/meters", render: renderMeter });
    },
  ),
  endpoint("GET /v1/billing/meters/:id", z.strictObject({ expand: expand() }), (call) => {
    return renderMeter(existingMeter(call.tx, idOf(call)));
  }),
  endpoint(
    "POST /v1/billing/meters/:id",
    z.strictObject({ display_name: requiredText(250).optional(), expand: expand() }),
    ({ tx, ids }, params) => {
      const before = existingMeter(tx, ids[0] ?? "");
      const displayName = params.display_name ?? before.displayName;
      return saved(tx, { ...before, displayName });
    },
  ),
  endpoint("POST /v1/billing/meters/:id/deactivate", z.strictObject({}), ({ tx, ids }) => {
    const before = existingMeter(tx, ids[0] ?? "");
    return saved(tx, { ...before, active: false, deactivatedAt: seconds(tx.nowMs) });
  }),
  endpoint("POST /v1/billing/meters/:id/reactivate", z.strictObject({}), ({ tx, ids }) => {
    const before = existingMeter(tx, ids[0] ?? "");
    return saved(tx, { ...before, active: true, deactivatedAt: null });
  }),
  endpoint(
    "GET /v1/billing/meters/:id/event_summaries",
    z.strictObject({
      ...page,
      customer: z.string(),
      start_time: unixTime(),
      end_time: unixTime(),
      value_grouping_window: z.enum(["hour", "day"]).optional(),
    }),
    ({ tx, ids }, params) => {
      const meter = existingMeter(tx, ids[0] ?? "");
      liveCustomer(tx, params.customer);
      const summaries = summarize(tx, meter, {
        customer: params.customer,
        startMs: params.start_time * SECOND_MS,
        endMs: params.end_time * SECOND_MS,
        grouping: params.value_grouping_window,
      });
      const url = `/v1/billing/meters/${meter.id}/event_summaries`;
      return listPage(summaries, { params, url, render: (summary) => summary });
    },
  ),
];

interface SummaryRange {
  readonly customer: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly grouping: "hour" | "day" | undefined;
}

/** Newest window first; windows without events are left out of a grouped answer. */
function summarize(
  tx: Transaction,
  meter: MeterDoc,
  { customer, startMs, endMs, grouping }: SummaryRange,
): { id: string; [field: string]: unknown }[] {
  const step = grouping === "hour" ? HOUR_MS : grouping === "day" ? DAY_MS : null;
  const align = step ?? MINUTE_MS;
  const unit = grouping ?? "minute";
  if (startMs % align !== 0) throw invalid(`start_time must align with ${unit} boundaries.`);
  if (endMs % align !== 0) throw invalid(`end_time must align with ${unit} boundaries.`);
  if (endMs <= startMs) throw invalid("end_time must be after start_time.", "end_time");
  const windows = step === null ? 1 : (endMs - startMs) / step;
  if (windows > MAX_SUMMARY_WINDOWS) throw invalid("The range is too long.", "end_time");
  const summaries = [];
  for (let at = windows - 1; at >= 0; at -= 1) {
    const from = step === null ? startMs : startMs + at * step;
    const to = step === null ? endMs : from + step;
    const usage = usageIn(tx, { customer, meter: meter.id, fromMs: from, toMs: to });
    if (step !== null && usage.count === 0) continue;
    summaries.push({
      id: `mtrusg_${meter.id.slice(-6)}${seconds(from)}`,
      object: "billing.meter_event_summary",
      aggregated_value: meter.formula === "count" ? usage.count : Number(usage.sum),
      start_time: seconds(from),
      end_time: seconds(to),
      livemode: false,
      meter: meter.id,
    });
  }
  return summaries;
}

/** `event_name` is unique, archived meters included. */
export function meterNamed(tx: Transaction, eventName: string): MeterDoc | undefined {
  for (const meter of tx.all("meters")) {
    if (meter.eventName === eventName) return meter;
  }
  return undefined;
}

function existingMeter(tx: Transaction, id: string): MeterDoc {
  const meter = tx.get("meters", id);
  if (meter === undefined) throw noSuch("meter", id);
  return meter;
}

function saved(tx: Transaction, meter: MeterDoc): Reply {
  const updated = { ...meter, updated: seconds(tx.nowMs) };
  tx.put("meters", meter.id, updated);
  return renderMeter(updated);
}

function renderMeter(meter: MeterDoc): Reply {
  return {
    id: meter.id,
    object: "billing.meter",
    created: meter.created,
    customer_mapping: { event_payload_key: meter.customerKey, type: "by_id" },
    default_aggregation: { formula: meter.formula },
    display_name: meter.displayName,
    event_name: meter.eventName,
    event_time_window: null,
    livemode: false,
    status: meter.active ? "active" : "inactive",
    status_transitions: { deactivated_at: meter.deactivatedAt },
    updated: meter.updated,
    value_settings: { event_payload_key: meter.valueKey },
  };
}
