import type { MeterName } from "./plan.ts";

/** Lowercase words joined by underscores, e.g. `risk_score`; short enough for every identifier. */
const METER_NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const MAX_METER_NAME = 40;

export function isMeterName(text: string): boolean {
  return text.length <= MAX_METER_NAME && METER_NAME.test(text);
}

/** The `event_name` of the Stripe meter that counts this meter; Stripe keeps one meter per name. */
export function meterEventName(meter: MeterName): string {
  return meter;
}

/** For people where no catalogue entry exists: `bond_analytics` is "Bond analytics". */
export function meterLabel(meter: MeterName): string {
  const words = meter.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
