import { z } from "zod";
import type { MeterName, Units } from "@/lib/domain/plan.ts";
import { accept, type Refusal, refuse, type Result } from "@/lib/domain/result.ts";
import { DAY_MS, MINUTE_MS } from "@/lib/domain/window.ts";

/** Usage that another service counted, as a CloudEvent 1.0 (https://cloudevents.io). */
export interface UsageEvent {
  readonly source: string;
  readonly id: string;
  readonly atMs: number;
  readonly meter: MeterName;
  readonly units: Units;
}

/** How late an event may come; ids are remembered for longer, so that none can count twice. */
export const EVENT_AGE_MAX_MS = 35 * DAY_MS;
/** How far the sender's clock may be ahead. */
const EVENT_AHEAD_MAX_MS = 5 * MINUTE_MS;

/**
 * Most units of one event. Counters hold 2^64: were 2^53 allowed, two thousand events of one caller
 * could wrap a bill around to nothing.
 */
const EVENT_UNITS_MAX = 1_000_000_000_000;
const UNITS_DETAIL = "Units are a whole number from 1 to 1,000,000,000,000";

const UnitsSchema = z.union([
  z.int().min(1).max(EVENT_UNITS_MAX),
  z.string().regex(/^[1-9]\d{0,12}$/),
], UNITS_DETAIL);

/** Extension attributes are permitted by CloudEvents, and ignored. */
const EventSchema = z.looseObject({
  specversion: z.literal("1.0"),
  id: z.string().min(1).max(256),
  source: z.string().min(1).max(512),
  type: z.string().min(1).max(256),
  time: z.iso.datetime({ offset: true }).optional(),
  datacontenttype: z.string().regex(/^application\/json\b/i, "Data must be JSON").optional(),
  data: z.strictObject({ meter: z.string().min(1).max(64), units: UnitsSchema }),
});

/** Checks shape and time. `time` defaults to now. */
export function parseUsageEvent(
  input: unknown,
  { nowMs }: { readonly nowMs: number },
): Result<UsageEvent> {
  const parsed = EventSchema.safeParse(input);
  if (!parsed.success) return refuse(schemaRefusal(parsed.error));
  const { id, source, time, data } = parsed.data;
  const units = BigInt(data.units);
  if (units > BigInt(EVENT_UNITS_MAX)) {
    return refuse({ code: "validation_failed", detail: UNITS_DETAIL, pointer: "/data/units" });
  }
  const atMs = time === undefined ? nowMs : Date.parse(time);
  if (nowMs - atMs > EVENT_AGE_MAX_MS) {
    const detail = "The event is more than 35 days old; send a correction instead";
    return refuse({ code: "event_too_old", detail, pointer: "/time" });
  }
  if (atMs - nowMs > EVENT_AHEAD_MAX_MS) {
    const detail = "The event is more than 5 minutes ahead of our clock";
    return refuse({ code: "event_in_future", detail, pointer: "/time" });
  }
  return accept({ source, id, atMs, meter: data.meter, units });
}

function schemaRefusal({ issues }: z.ZodError): Refusal {
  const errors = issues.slice(0, 10).map(({ path, message }): Refusal => ({
    code: "validation_failed",
    detail: message,
    pointer: path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`)
      .join(""),
  }));
  const detail = errors[0]?.detail ?? "The event is not valid";
  return { code: "validation_failed", detail, errors };
}
