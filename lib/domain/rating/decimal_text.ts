/** A decimal number as text, kept as it came in: up to 15 digits before the point, 12 after. */
export type DecimalText = string;

export const DECIMAL_TEXT = /^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,12})?$/;

/** Half the sum of two decimals, exactly. `midpoint("231.10", "231.14")` is `"231.12"`. */
export function midpoint(a: DecimalText, b: DecimalText): DecimalText {
  const scale = Math.max(fractionLength(a), fractionLength(b));
  const sum = units(a, scale) + units(b, scale);
  return sum % 2n === 0n ? format(sum / 2n, scale) : format(sum * 5n, scale + 1);
}

function fractionLength(text: DecimalText): number {
  const point = text.indexOf(".");
  return point < 0 ? 0 : text.length - point - 1;
}

function units(text: DecimalText, scale: number): bigint {
  const missing = scale - fractionLength(text);
  return BigInt(text.replace(".", "")) * 10n ** BigInt(missing);
}

function format(value: bigint, scale: number): DecimalText {
  if (scale === 0) return value.toString();
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  const point = digits.length - scale;
  return `${value < 0n ? "-" : ""}${digits.slice(0, point)}.${digits.slice(point)}`;
}
