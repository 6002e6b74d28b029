/** A legal or personal name made comparable: accents, case, punctuation and legal form set aside. */
export interface NormalName {
  /** Tokens joined by single spaces. */
  readonly full: string;
  readonly tokens: readonly string[];
  /** Legal forms that were removed, such as LTD. */
  readonly legalForms: readonly string[];
}

export function normalName(name: string): NormalName {
  const words = name.slice(0, NAME_LENGTH_MAX).normalize("NFKD").replace(/\p{M}/gu, "")
    .toUpperCase().replace(/[.'’`]/g, "").split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  const tokens = words.filter((word) => !LEGAL_FORMS.has(word));
  // A name that is nothing but a legal form keeps it: an empty name would match nothing at all.
  const kept = tokens.length > 0 ? tokens : words;
  return {
    full: kept.join(" "),
    tokens: kept,
    legalForms: tokens.length > 0 ? words.filter((word) => LEGAL_FORMS.has(word)) : [],
  };
}

/**
 * How alike two names are, 0 to 1: the better of Jaro-Winkler on the whole names and the mean, over
 * the query's tokens, of the best Jaro-Winkler with a token of the candidate. Follows the method
 * that OFAC describes for its search (FAQ 246, 247, 249); it is not the same as its scores.
 */
export function nameScore(query: NormalName, candidate: NormalName): number {
  const whole = jaroWinkler(query.full, candidate.full);
  if (query.tokens.length < 2 || candidate.tokens.length < 2) return whole;
  let sum = 0;
  for (const token of query.tokens) {
    let best = 0;
    for (const other of candidate.tokens) best = Math.max(best, jaroWinkler(token, other));
    sum += best;
  }
  return Math.max(whole, sum / query.tokens.length);
}

/** Jaro similarity with Winkler's bonus of 0.1 a letter for up to four equal first letters. */
export function jaroWinkler(a: string, b: string): number {
  const similarity = jaro(a, b);
  if (similarity <= WINKLER_THRESHOLD) return similarity;
  const longest = Math.min(4, a.length, b.length);
  let prefix = 0;
  while (prefix < longest && a.charCodeAt(prefix) === b.charCodeAt(prefix)) prefix += 1;
  return similarity + prefix * WINKLER_WEIGHT * (1 - similarity);
}

/** American Soundex of an upper-case word: one letter and three digits; empty for other scripts. */
export function soundex(word: string): string {
  const first = word[0];
  if (first === undefined || !/[A-Z]/.test(first)) return "";
  let code = first;
  let previous = SOUNDEX_DIGITS[first.charCodeAt(0) - 65] ?? "";
  for (let i = 1; i < word.length && code.length < 4; i += 1) {
    const letter = word[i] ?? "";
    if (letter === "H" || letter === "W") continue;
    const digit = SOUNDEX_DIGITS[letter.charCodeAt(0) - 65] ?? "0";
    if (digit !== "0" && digit !== previous) code += digit;
    previous = digit;
  }
  return code.padEnd(4, "0");
}

/** Longer names are cut before they are compared. */
const NAME_LENGTH_MAX = 100;

const WINKLER_THRESHOLD = 0.7;
const WINKLER_WEIGHT = 0.1;
const SOUNDEX_DIGITS = "01230120022455012623010202";

const LEGAL_FORMS: ReadonlySet<string> = new Set(
  ("AB AG AO AS ASA BV BHD CO COMPANY CORP CORPORATION DD EV FZE FZCO GMBH INC INCORPORATED JSC " +
    "KFT KG KGAA KK LIMITED LLC LLP LP LTD LTDA NV OAO OJSC OOO OU OY OYJ PJSC PLC PTE PTY PVT SA " +
    "SAB SARL SAS SE SL SPA SPZOO SRL UAB ZAO ZRT").split(" "),
);

/** Marks of matched letters, reused from call to call: a screening makes thousands of them. */
const SCRATCH = {
  matched: new Uint8Array(NAME_LENGTH_MAX),
  taken: new Uint8Array(NAME_LENGTH_MAX),
};

function jaro(first: string, second: string): number {
  if (first === second) return first === "" ? 0 : 1;
  const a = first.slice(0, NAME_LENGTH_MAX);
  const b = second.slice(0, NAME_LENGTH_MAX);
  if (a === "" || b === "") return 0;
  const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1);
  const { matched, taken } = SCRATCH;
  matched.fill(0, 0, a.length);
  taken.fill(0, 0, b.length);
  let matches = 0;
  for (let i = 0; i < a.length; i += 1) {
    const letter = a.charCodeAt(i);
    const end = Math.min(b.length - 1, i + reach);
    for (let j = Math.max(0, i - reach); j <= end; j += 1) {
      if (taken[j] === 1 || letter !== b.charCodeAt(j)) continue;
      taken[j] = 1;
      matched[i] = 1;
      matches += 1;
      break;
    }
  }
  if (matches === 0) return 0;
  const swaps = Math.floor(outOfOrder(a, b) / 2);
  return (matches / a.length + matches / b.length + (matches - swaps) / matches) / 3;
}

/** Matched letters that stand at different places in the two sequences of matches. */
function outOfOrder(a: string, b: string): number {
  const { matched, taken } = SCRATCH;
  let count = 0;
  let j = 0;
  for (let i = 0; i < a.length; i += 1) {
    if (matched[i] === 0) continue;
    while (taken[j] === 0) j += 1;
    if (a.charCodeAt(i) !== b.charCodeAt(j)) count += 1;
    j += 1;
  }
  return count;
}
