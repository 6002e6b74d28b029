/** Lowercase Crockford base32, as ULID. */
const CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz";
const TIME_LETTERS = 10;
/** 80 random bits, so that nobody guesses an id. */
export const ID_RANDOM_LETTERS = 16;

/** 48 bits of time as text that sorts by age. */
export function idTimeText(atMs: number): string {
  let text = "";
  for (let rest = atMs, letter = 0; letter < TIME_LETTERS; letter++) {
    text = CROCKFORD.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/** One letter of five random bits; the byte's other bits are not used. */
export function idLetter(byte: number): string {
  return CROCKFORD.charAt(byte & 31);
}

const PAIRS: readonly string[] = Array.from(
  { length: 1_024 },
  (_, bits) => idLetter(bits >> 5) + idLetter(bits),
);

/** Two letters of ten random bits: every call has two ids, and this takes half the steps. */
export function idLetterPair(bits: number): string {
  return PAIRS[bits & 1_023] ?? "";
}
