/**
 * Rounds to 12 significant digits. Results of `Math.exp` and `Math.log` may differ in the last bit
 * between versions of the JavaScript engine; rounding keeps published numbers equal across them.
 * Anything that is not finite becomes `null`: no NaN and no Infinity leaves the engine.
 *
 * @example
 * ```ts
 * significant(0.1 + 0.2); // 0.3
 * significant(1 / 0); // null
 * ```
 */
export function significant(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  if (value === 0) return 0;
  const magnitude = Math.abs(value);
  const exponent = Math.floor(Math.log10(magnitude));
  const power = SIGNIFICANT_DIGITS - 1 - exponent;
  // Powers of ten up to 1e22 are exact doubles, so the division below is correctly rounded and the
  // result is the double nearest to its own 12 digit decimal text.
  if (power >= 0 && power <= MAX_EXACT_POWER) {
    const scale = POWERS_OF_TEN[power] ?? 1;
    return Math.round(magnitude * scale) / scale * Math.sign(value);
  }
  return Number(value.toPrecision(SIGNIFICANT_DIGITS));
}

const SIGNIFICANT_DIGITS = 12;

const MAX_EXACT_POWER = 22;
const POWERS_OF_TEN: readonly number[] = Array.from(
  { length: MAX_EXACT_POWER + 1 },
  (_, power) => Number(`1e${power}`),
);
