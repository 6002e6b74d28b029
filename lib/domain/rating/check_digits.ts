/** Digits 0 to 9, letters A to Z as 10 to 35; -1 for anything else. */
export function alphanumericValue(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  return code >= 65 && code <= 90 ? code - 55 : -1;
}

/**
 * CUSIP's modulus 10 with every second character doubled, over characters worth up to 38.
 * CUSIP and FIGI share it. Null where a character has no value.
 */
export function doubleAddDoubleDigit(body: string): number | null {
  let sum = 0;
  for (let i = 0; i < body.length; i += 1) {
    const plain = cusipValue(body.charCodeAt(i));
    if (plain < 0) return null;
    const value = i % 2 === 1 ? plain * 2 : plain;
    sum += Math.floor(value / 10) + value % 10;
  }
  return (10 - sum % 10) % 10;
}

function cusipValue(code: number): number {
  if (code === 42) return 36;
  if (code === 64) return 37;
  return code === 35 ? 38 : alphanumericValue(code);
}
