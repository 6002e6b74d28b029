/** `risk_score` reads “Risk score”. Meter names are lowercase words joined by underscores. */
export function meterLabel(meter: string): string {
  const words = meter.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
