import { z } from "zod";
import type { MeterName, Units } from "@/lib/domain/plan.ts";
import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import { type EventResult, EVENTS_MAX, ingestEvents } from "@/lib/metering/ingest_events.ts";
import { REPLY_CHARS_MAX } from "@/lib/metering/idempotency.ts";
import { problemDocument } from "../problem.ts";
import type { ApiCall, Operation } from "./operation.ts";

const EVENT_BYTES_MAX = 2 * 1_048_576;
const SINGLE = "application/cloudevents+json";
const BATCH = "application/cloudevents-batch+json";

const UsageEventSchema = z.looseObject({
  specversion: z.literal("1.0"),
  id: z.string().min(1).max(256),
  source: z.string().min(1).max(512),
  type: z.string().min(1).max(256),
  time: z.iso.datetime({ offset: true }).optional(),
  data: z.object({ meter: z.string(), units: z.union([z.int().min(1), z.string()]) }),
});

export const sendEvents: Operation = {
  id: "sendEvents",
  method: "POST",
  path: "/v1/events",
  tag: "Usage and cost",
  summary: `Send up to ${EVENTS_MAX.toLocaleString("en")} usage events of another service`,
  description: "CloudEvents 1.0, one or a batch. `source` and `id` together count once within 35 " +
    "days, so sending again is always safe. Each event has its own result.",
  scope: "events:write",
  feature: "events:write",
  request: {
    kind: "json",
    types: [SINGLE, BATCH, "application/json"],
    maxBytes: EVENT_BYTES_MAX,
    schema: z.union([UsageEventSchema, z.array(UsageEventSchema).max(EVENTS_MAX)]),
  },
  answer: { status: 200, description: "One result per event, in order" },
  problems: ["validation_failed", "batch_too_large", "meter_not_in_plan"],
  async run(call) {
    const events = eventsOf(call);
    if (!events.ok) return events;
    const results = await ingestEvents(
      { caller: call.caller, events: events.value },
      { recorder: call.services.recorder, clock: call.services.clock },
    );
    if (results.some(({ status }) => status === "config_changed")) {
      call.services.callers.invalidate(call.caller.epoch);
    }
    const counted = results.flatMap((one) => one.status === "counted" ? [one] : []);
    const units = new Map<MeterName, Units>();
    for (const one of counted) units.set(one.meter, (units.get(one.meter) ?? 0n) + one.units);
    const body = { counted: counted.length, results: results.map(resultBody) };
    return accept({ body, counted: units, isKept: isKept(call, body) });
  },
};

/**
 * Whoever has to send some again needs to hear what becomes of them, and an answer that is too large
 * to keep can't be refused any more: the events are counted. Their own ids make both safe.
 */
function isKept({ req }: ApiCall, body: AnswerBody): boolean {
  if (!req.headers.has("idempotency-key")) return true;
  return body.results.every(({ status }) => status !== "retry") &&
    JSON.stringify(body).length <= REPLY_CHARS_MAX;
}

interface AnswerBody {
  readonly results: readonly ReturnType<typeof resultBody>[];
}

function eventsOf({ body, req }: ApiCall): Result<readonly unknown[]> {
  const type = req.headers.get("content-type") ?? "";
  const events = Array.isArray(body) ? body : [body];
  if (type.startsWith(SINGLE) && Array.isArray(body)) {
    const detail = `A batch is sent as ${BATCH}`;
    return refuse({ code: "unsupported_media_type", detail });
  }
  if (events.length > EVENTS_MAX) {
    const detail = `Send at most ${EVENTS_MAX} events at once; nothing was counted`;
    return refuse({ code: "batch_too_large", detail });
  }
  return accept(events);
}

/** Events that could not be decided are safe to send again: their ids make that so. */
function resultBody(result: EventResult) {
  const { index, id, source, status } = result;
  switch (result.status) {
    case "counted":
      return { index, id, source, status, period: result.periodId };
    case "refused":
      return { index, id, source, status, problem: problemDocument(result.error) };
    case "duplicate":
      return { index, id, source, status };
    case "config_changed":
    case "unavailable":
      return { index, id, source, status: "retry" };
  }
}
