import { assert } from "@std/assert";

/**
 * Asserts that a number agrees with one printed in a source, to the last digit that is printed:
 * `printed(2.13337, "2.1334")`.
 */
export function printed(actual: number | null, text: string): void {
  const [, fraction = "", exponent = "0"] = /^-?\d*\.?(\d*)(?:e(-?\d+))?$/.exec(text) ?? [];
  const unit = 10 ** (Number(exponent) - fraction.length);
  // Half a unit, and a little for a source that rounded a 5 the other way.
  within(actual, Number(text), unit * 0.5000001);
}

export function within(actual: number | null, expected: number, tolerance: number): void {
  assert(
    actual !== null && Math.abs(actual - expected) <= tolerance,
    `got ${actual}, expected ${expected} within ${tolerance}`,
  );
}
