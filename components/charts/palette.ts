const SERIES_CLASSES = ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"] as const;

/** Meters keep their colour on every page, whatever else is shown. */
const METER_CLASSES: Readonly<Record<string, string>> = {
  risk_score: "s0",
  price_feed: "s3",
  compliance: "s1",
  screening: "s2",
  greeks: "s5",
  bond_analytics: "s4",
};

export function seriesClass(at: number): string {
  return SERIES_CLASSES[at % SERIES_CLASSES.length] ?? "s0";
}

/** Served calls have the first colour, failed ones the colour of faults, refused ones each another. */
export function statusClass(status: number, at: number): string {
  if (status < 400) return "s0";
  return status >= 500 ? "s-bad" : REFUSED_CLASSES[at % REFUSED_CLASSES.length] ?? "s1";
}

const REFUSED_CLASSES = ["s3", "s1", "s5", "s4", "s6"] as const;

export function meterClass(meter: string, at: number): string {
  return Object.hasOwn(METER_CLASSES, meter) ? METER_CLASSES[meter] ?? "s0" : seriesClass(at + 6);
}
