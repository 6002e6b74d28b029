import { z } from "zod";
import type { MeterDoc } from "./documents.ts";
import { type Call, type Endpoint, endpoint, type Scene } from "./endpoint.ts";
import { noteError } from "./error_reports.ts";
import { meterNamed } from "./meters.ts";
import { expand, requiredText, text, unixTime } from "./params.ts";
import { invalid, StripeRefusal } from "./refusal.ts";
import { DAY_MS, MINUTE_MS, nowOf, SECOND_MS, seconds } from "./time.ts";
import { addUsage } from "./usage.ts";

const MAX_AGE_MS = 35 * DAY_MS;
const MAX_FUTURE_MS = 5 * MINUTE_MS;
const MAX_VALUE_DIGITS = 15;
const IDENTIFIER_LIFE_MS = DAY_MS;
const MAX_STREAM_EVENTS = 100;
const STREAM_SESSION_MS = 15 * MINUTE_MS;
/** Forgotten identifiers leave a few at a time, oldest first. */
const MAX_FORGOTTEN_AT_ONCE = 20;

interface IncomingEvent {
  readonly eventName: string;
  readonly payload: Readonly<Record<string, string>>;
  readonly identifier: string;
  readonly timestampMs: number;
}

const v2Event = z.strictObject({
  event_name: requiredText(100),
  payload: z.record(z.string(), z.string()),
  identifier: text(100).optional(),
  timestamp: z.iso.datetime({ offset: true }).optional(),
});

export const meterEventEndpoints: readonly Endpoint[] = [
  endpoint(
    "POST /v1/billing/meter_events",
    z.strictObject({
      event_name: requiredText(100),
      payload: z.record(z.string().max(100), z.string()),
      identifier: text(100).optional(),
      timestamp: unixTime().optional(),
      expand: expand(),
    }),
    (call, params) => {
      const event = incoming(call, {
        ...params,
        timestampMs: params.timestamp === undefined ? undefined : params.timestamp * SECOND_MS,
      });
      receive(call, event);
      return {
        object: "billing.meter_event",
        created: seconds(call.tx.nowMs),
        event_name: event.eventName,
        identifier: event.identifier,
        livemode: false,
        payload: event.payload,
        timestamp: seconds(event.timestampMs),
      };
    },
  ),
  endpoint(
    "POST /v1/billing/meter_event_adjustments",
    z.strictObject({
      event_name: requiredText(100),
      type: z.literal("cancel"),
      cancel: z.strictObject({ identifier: requiredText(100) }),
      expand: expand(),
    }),
    (call, params) => {
      cancelEvent(call, params.event_name, params.cancel.identifier);
      return {
        object: "billing.meter_event_adjustment",
        cancel: params.cancel,
        event_name: params.event_name,
        livemode: false,
        status: "complete",
        type: "cancel",
      };
    },
  ),
  endpoint("POST /v2/billing/meter_events", v2Event, (call, params) => {
    const event = incoming(call, {
      ...params,
      timestampMs: params.timestamp === undefined ? undefined : Date.parse(params.timestamp),
    });
    receive(call, event);
    return {
      object: "v2.billing.meter_event",
      created: new Date(call.tx.nowMs).toISOString(),
      event_name: event.eventName,
      identifier: event.identifier,
      livemode: false,
      payload: event.payload,
      timestamp: new Date(event.timestampMs).toISOString(),
    };
  }),
  endpoint("POST /v2/billing/meter_event_session", z.strictObject({}), ({ tx, host }) => {
    const id = tx.nextId("mes");
    const session = {
      id,
      created: seconds(tx.nowMs),
      token: `mes_token_${host.token(id)}`,
      expiresMs: tx.nowMs + STREAM_SESSION_MS,
    };
    tx.put("stream_sessions", session.token, session);
    return {
      id: session.id,
      object: "v2.billing.meter_event_session",
      authentication_token: session.token,
      created: new Date(tx.nowMs).toISOString(),
      expires_at: new Date(session.expiresMs).toISOString(),
      livemode: false,
    };
  }),
  endpoint(
    "POST /v2/billing/meter_event_stream",
    z.strictObject({ events: z.array(v2Event).min(1).max(MAX_STREAM_EVENTS) }),
    (call, params) => {
      for (const event of params.events) receiveFromStream(call, event);
      return {};
    },
  ),
];

function incoming(
  call: Call,
  params: {
    event_name: string;
    payload: Readonly<Record<string, string>>;
    identifier?: string | undefined;
    timestampMs: number | undefined;
  },
): IncomingEvent {
  return {
    eventName: params.event_name,
    payload: params.payload,
    identifier: params.identifier ?? call.tx.nextId("mev"),
    timestampMs: params.timestampMs ?? Math.floor(nowFor(call, params) / SECOND_MS) * SECOND_MS,
  };
}

/** Checks at once what Stripe checks at once; the rest fails later, after a 200. */
function receive(call: Call, event: IncomingEvent): void {
  const fault = timestampFault(call, event) ?? valueFault(call, event);
  if (fault !== null) throw invalid(fault.message, fault.param, fault.code);
  if (isKnown(call, event.identifier)) {
    throw new StripeRefusal(`An event already exists with identifier ${event.identifier}.`, {
      headers: { "stripe-should-retry": "false" },
    });
  }
  process(call, event);
}

/** The stream answers before it looks: every fault is asynchronous, and duplicates vanish. */
function receiveFromStream(call: Call, params: z.output<typeof v2Event>): void {
  const event = incoming(call, {
    ...params,
    timestampMs: params.timestamp === undefined ? undefined : Date.parse(params.timestamp),
  });
  if (isKnown(call, event.identifier)) return;
  const fault = timestampFault(call, event) ?? valueFault(call, event);
  if (fault === null) process(call, event);
  else {
    const meter = meterNamed(call.tx, event.eventName);
    noteError(call, { meter: meter?.id ?? null, identifier: event.identifier, ...fault });
  }
}

function process(call: Call, event: IncomingEvent): void {
  const { tx, host } = call;
  const refusal = laterRefusal(call, event);
  const meter = meterNamed(tx, event.eventName);
  const customer = meter === undefined ? undefined : event.payload[meter.customerKey];
  const counted = refusal === null && meter !== undefined && customer !== undefined
    ? { customer, meter: meter.id, value: valueOf(meter, event), timestampMs: event.timestampMs }
    : null;
  forgetOldIdentifiers(call);
  tx.put("identifiers", event.identifier, {
    identifier: event.identifier,
    receivedMs: tx.nowMs,
    eventName: event.eventName,
    counted,
  });
  if (refusal !== null) noteError(call, { identifier: event.identifier, ...refusal });
  if (counted === null) return;
  const delay = host.summaryDelayMs();
  if (delay <= 0) addUsage(tx, { ...counted, count: 1 });
  else {
    const id = tx.nextId("pnd");
    tx.put("pending_usage", id, { ...counted, id, count: 1, visibleMs: tx.nowMs + delay });
  }
}

function laterRefusal(
  { tx, host }: Scene,
  event: IncomingEvent,
): { meter: string | null; code: string; message: string } | null {
  const meter = meterNamed(tx, event.eventName);
  const refused = (code: string, message: string) => ({ meter: meter?.id ?? null, code, message });
  const scripted = host.asyncRefusal(event.identifier);
  if (meter === undefined) {
    return refused("no_meter", `No meter found for event name ${event.eventName}.`);
  }
  if (scripted !== null) return refused(scripted, `The event was refused: ${scripted}.`);
  if (!meter.active) return refused("archived_meter", `Meter ${meter.id} is archived.`);
  const customer = event.payload[meter.customerKey];
  if (customer === undefined || customer === "") {
    const message = `The payload has no ${meter.customerKey}.`;
    return refused("meter_event_no_customer_defined", message);
  }
  const found = tx.get("customers", customer);
  if (found === undefined || found.deleted) {
    return refused("meter_event_customer_not_found", `Customer ${customer} was not found.`);
  }
  return null;
}

interface Fault {
  readonly code: string;
  readonly message: string;
  readonly param: string;
}

function timestampFault(call: Call, event: IncomingEvent): Fault | null {
  const nowMs = nowFor(call, { event_name: event.eventName, payload: event.payload });
  const oldest = nowMs - MAX_AGE_MS;
  if (event.timestampMs < oldest) {
    return {
      code: "timestamp_too_far_in_past",
      message: "The event timestamp cannot be more than 35 days in past. " +
        `Expected ${seconds(event.timestampMs)} >= ${seconds(oldest)}.`,
      param: "timestamp",
    };
  }
  if (event.timestampMs > nowMs + MAX_FUTURE_MS) {
    return {
      code: "timestamp_in_future",
      message: "The event timestamp cannot be more than 5 minutes in the future. " +
        `Expected ${seconds(event.timestampMs)} <= ${seconds(nowMs + MAX_FUTURE_MS)}.`,
      param: "timestamp",
    };
  }
  return null;
}

function valueFault({ tx }: Call, event: IncomingEvent): Fault | null {
  const meter = meterNamed(tx, event.eventName);
  if (meter === undefined || meter.formula === "count") return null;
  const value = event.payload[meter.valueKey];
  const param = `payload[${meter.valueKey}]`;
  if (value === undefined || !/^-?\d+$/.test(value)) {
    const message = `Invalid meter event value: ${value ?? "none"}; the simulator takes integers.`;
    return { code: "meter_event_invalid_value", message, param };
  }
  const digits = value.replace(/^-?0*/, "").replace(/0+$/, "").length;
  if (digits > MAX_VALUE_DIGITS) {
    const message = `Meter event values have at most ${MAX_VALUE_DIGITS} significant digits.`;
    return { code: "meter_event_value_too_many_digits", message, param };
  }
  return null;
}

function valueOf(meter: MeterDoc, event: IncomingEvent): string {
  return meter.formula === "count" ? "0" : BigInt(event.payload[meter.valueKey] ?? "0").toString();
}

function isKnown({ tx }: Scene, identifier: string): boolean {
  const known = tx.get("identifiers", identifier);
  return known !== undefined && tx.nowMs - known.receivedMs < IDENTIFIER_LIFE_MS;
}

function forgetOldIdentifiers({ tx }: Scene): void {
  let forgotten = 0;
  for (const known of tx.all("identifiers")) {
    if (tx.nowMs - known.receivedMs < IDENTIFIER_LIFE_MS) return;
    if (forgotten >= MAX_FORGOTTEN_AT_ONCE) return;
    tx.remove("identifiers", known.identifier);
    forgotten += 1;
  }
}

function cancelEvent(call: Call, eventName: string, identifier: string): void {
  const { tx } = call;
  const known = tx.get("identifiers", identifier);
  if (known === undefined || known.eventName !== eventName || !isKnown(call, identifier)) {
    throw invalid(
      `No event received in the last 24 hours has identifier ${identifier}.`,
      "cancel[identifier]",
      "resource_missing",
    );
  }
  if (known.counted === null) return;
  const { value, ...where } = known.counted;
  addUsage(tx, { ...where, value: (-BigInt(value)).toString(), count: -1 });
  tx.put("identifiers", identifier, { ...known, counted: null });
}

/** A customer under a test clock is checked against that clock. */
function nowFor(
  { tx }: Scene,
  event: { event_name: string; payload: Readonly<Record<string, string>> },
): number {
  const meter = meterNamed(tx, event.event_name);
  const customer = event.payload[meter?.customerKey ?? "stripe_customer_id"];
  return customer === undefined ? tx.nowMs : nowOf(tx, customer);
}
